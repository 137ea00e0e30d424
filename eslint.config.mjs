// Lints the addon's JavaScript, ES modules that Odoo's asset bundler serves to a browser, and our tools',
// which Node.js runs.
import js from "@eslint/js";
import globals from "globals";

export default [
    { ignores: [".dev/**", "node_modules/**", "**/static/lib/**"] },
    js.configs.recommended,
    {
        files: ["**/*.js"],
        languageOptions: {
            ecmaVersion: 2022,
            sourceType: "module",
            globals: {
                ...globals.browser,
                luxon: "readonly",
                odoo: "readonly",
                owl: "readonly",
            },
        },
    },
    {
        files: ["dev/**/*.mjs"],
        languageOptions: { globals: globals.nodeBuiltin },
    },
    {
        files: ["**/*.{js,mjs}"],
        rules: {
            curly: ["error", "all"],
            eqeqeq: ["error", "smart"],
            "no-alert": "error",
            "no-console": ["error", { allow: ["warn", "error"] }],
            "no-eval": "error",
            "no-implied-eval": "error",
            "no-unused-vars": ["error", { args: "after-used", caughtErrors: "none" }],
            "no-var": "error",
            "object-shorthand": "error",
            "prefer-const": "error",
            "prefer-template": "warn",
        },
    },
];
