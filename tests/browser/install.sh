#!/bin/sh
# The browser and the office program that tests open files with: Debian's packages, installed when missing and when root.
set -eu
export DEBIAN_FRONTEND=noninteractive
has() { command -v "$1" >/dev/null 2>&1; }
may_install() { [ "$(id -u)" = 0 ] && has apt-get; }
install() { apt-get install -y -qq --no-install-recommends "$@" >/dev/null; }

missing=""
has chromium || has chromium-headless-shell || missing="$missing chromium"
has soffice || missing="$missing libreoffice-calc-nogui"
has pdftotext || missing="$missing poppler-utils"
fc-list 2>/dev/null | grep -qi "noto.*cjk" || missing="$missing fonts-noto-core fonts-noto-cjk"
if [ -n "$missing" ]; then
    if ! may_install; then
        echo "These are missing for the tests:$missing. Install them and run again." >&2
        exit 1
    fi
    apt-get update -qq
    echo "· installing$missing"
    # shellcheck disable=SC2086
    install $missing
fi
