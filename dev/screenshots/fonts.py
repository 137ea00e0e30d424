"""The font of the screenshots: Roboto, as Odoo shows on machines that have it, whatever this one has."""

import subprocess

PACKAGE = "fonts-roboto-unhinted"  # of Debian


def prepare(folder):
    """Unpack the font into a folder, if it is not there; nothing is installed.

    :return: dict of the environment variables that make Chromium use it
    :raises OSError: Debian's package can't be fetched
    :raises CalledProcessError: likewise
    """
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "fonts.conf"
    if not config.exists():
        command = ["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", PACKAGE]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        for package in folder.glob("*.deb"):
            subprocess.run(["dpkg-deb", "-x", package, folder], check=True, capture_output=True)
            package.unlink()
        config.write_text(
            "<fontconfig><include>/etc/fonts/fonts.conf</include>"
            f"<dir>{folder}</dir><cachedir>{folder / 'cache'}</cachedir></fontconfig>"
        )
    return {"FONTCONFIG_FILE": str(config)}
