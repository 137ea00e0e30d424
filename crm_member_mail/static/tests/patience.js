/** How long to wait for what the browser does in its own time (frames, scrolling), also on a busy machine: in ms. */
export const PATIENTLY = { timeout: 10000 };
