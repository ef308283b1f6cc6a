#!/bin/sh
# The browser and the office program that tests open files with: Debian's packages, installed when missing and when root.
set -eu
export DEBIAN_FRONTEND=noninteractive
has() { command -v "$1" >/dev/null 2>&1; }
known() { apt-cache show "$1" >/dev/null 2>&1; }
may_install() { [ "$(id -u)" = 0 ] && has apt-get; }
install() { apt-get install -y -qq --no-install-recommends "$@" >/dev/null; }

missing=""
has chromium-headless-shell || has chromium || missing="$missing chromium"
has soffice || missing="$missing libreoffice-calc-nogui"
has pdftotext || missing="$missing poppler-utils"
fc-list 2>/dev/null | grep -qi "noto.*cjk" || missing="$missing fonts-noto-core fonts-noto-cjk"
if [ -n "$missing" ]; then
    if ! may_install; then
        echo "These are missing for the tests:$missing. Install them and run again." >&2
        exit 1
    fi
    apt-get update -qq
    if known chromium-headless-shell; then missing=$(echo "$missing" | sed "s/chromium/chromium-headless-shell/"); fi
    echo "· installing$missing"
    # shellcheck disable=SC2086
    install $missing
fi

# Without a window Chromium opens pages in half the time; where that cannot be had, the whole browser does as well.
if ! has chromium-headless-shell && may_install && known chromium-headless-shell; then
    echo "· installing chromium-headless-shell"
    { apt-get update -qq && install chromium-headless-shell; } || echo "· the tests drive the whole of Chromium"
fi
