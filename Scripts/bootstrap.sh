#!/usr/bin/env bash
# Installs what building and testing need from the distribution, and nothing if all of it is there: then it is silent and
# takes a few hundredths of a second, so that every `make` can call it.
#
# Its arguments are packages that are nice to have: what cannot be installed of these is said, and is no failure.
set -euo pipefail

extra=("$@")

build=(libgit2-dev libcurl4-openssl-dev libsqlite3-dev pkg-config)
# python3-requests belongs to /usr/bin/python3, not to a python3 of pyenv that may come first on PATH.
run=(bash ca-certificates git gpgv python3 python3-requests openssh-client)
test=(nginx-light fcgiwrap gnupg openssh-server openssl python3-venv)
packages=("${build[@]}" "${run[@]}" "${test[@]}")

# Units that these packages bring and Debian would start at once. The tests start servers of their own on loopback;
# a developer's machine must not listen for ssh or http because of us.
units=(nginx.service fcgiwrap.service fcgiwrap.socket ssh.service ssh.socket webhook.service)

fail() {
    echo "bootstrap: $*" >&2
    exit 1
}

check_swift() {
    local remedy='install Swift 6.2 or newer from https://www.swift.org/install/linux/ and put it on PATH'
    command -v swift >/dev/null || fail "swift was not found: $remedy."
    local text major minor
    text=$(swiftc --version 2>/dev/null) || fail "swiftc does not run: $remedy."
    [[ $text =~ Swift\ version\ ([0-9]+)\.([0-9]+) ]] || fail "swiftc does not tell its version: $remedy."
    major=${BASH_REMATCH[1]} minor=${BASH_REMATCH[2]}
    ((major > 6 || (major == 6 && minor >= 2))) || fail "Swift $major.$minor is too old: $remedy."
}

# Prints which of the packages are not installed.
missing_packages() {
    local installed
    # It exits with 1 as soon as one is unknown; the list of the others is complete all the same.
    installed=$(dpkg-query --show --showformat '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null) || true
    local package
    for package in "$@"; do
        [[ $'\n'$installed$'\n' == *$'\n'"$package installed"$'\n'* ]] || echo "$package"
    done
}

as_root() {
    if ((EUID == 0)); then
        "$@"
    else
        sudo "$@"
    fi
}

# Installs without starting any service, now or at the next boot.
install_packages() {
    local unit fresh=()
    if [[ -d /run/systemd/system ]]; then
        for unit in "${units[@]}"; do
            systemctl cat "$unit" >/dev/null 2>&1 || fresh+=("$unit")  # what was here before us stays as it is
        done
        ((${#fresh[@]} == 0)) || as_root systemctl mask --runtime --quiet "${fresh[@]}"
    fi
    # Without systemd, invoke-rc.d starts nothing in single-user mode, which RUNLEVEL=1 tells it.
    local status=0
    as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
        apt-get install --yes --quiet --no-install-recommends "$@" || status=$?
    for unit in "${fresh[@]}"; do
        as_root systemctl unmask --runtime --quiet "$unit" || true
        as_root systemctl disable --quiet "$unit" 2>/dev/null || true  # a package that failed to install has no unit
    done
    return "$status"
}

check_swift
for tool in dpkg-query apt-get; do
    command -v "$tool" >/dev/null ||
        fail "this system has no $tool: install what Debian calls ${packages[*]}, then call swift build and swift test yourself."
done

# Installs which of the packages are missing, and prints those that still are afterwards; what apt says goes to standard error.
install_missing() {
    local missing
    mapfile -t missing < <(missing_packages "$@")
    ((${#missing[@]} > 0)) || return 0
    if ((EUID != 0)) && ! command -v sudo >/dev/null; then
        echo "bootstrap: installing ${missing[*]} needs root, and there is no sudo: run Scripts/bootstrap.sh${extra[*]:+ ${extra[*]}} as root once." >&2
    else
        echo "bootstrap: installing ${missing[*]}" >&2
        # A machine's lists may know the packages already; they are fetched only if that failed.
        if ! install_packages "${missing[@]}" >&2; then
            as_root apt-get update --quiet >&2 || true
            install_packages "${missing[@]}" >&2 || true
        fi
    fi
    missing_packages "${missing[@]}"
}

mapfile -t missing < <(install_missing "${packages[@]}")
((${#missing[@]} == 0)) || fail "could not install ${missing[*]}: see what was said above, install them by hand and try again."
((${#extra[@]} > 0)) || exit 0
mapfile -t missing < <(install_missing "${extra[@]}")
((${#missing[@]} == 0)) || echo "bootstrap: could not install ${missing[*]}: going on without, see what was said above." >&2
