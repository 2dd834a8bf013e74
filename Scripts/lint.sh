#!/usr/bin/env bash
# Checks what is not Swift: scripts, Dockerfile, manifests. The linters come from PyPI at pinned versions into .venv.
# Where PyPI cannot be reached it says what was not checked and passes: the machine is at fault then, not the change.
set -euo pipefail
cd "$(dirname "$0")/.."

requirements=Scripts/lint-requirements.txt
scripts=(Scripts/*.sh .ci/run)
manifests=(deploy/*.yaml)

# Makes .venv anew whenever the pinned versions change; a copy of them in it says what it holds.
install_linters() {
    cmp --silent "$requirements" .venv/installed.txt && return
    rm -rf .venv
    /usr/bin/python3 -m venv .venv || return
    timeout 5m .venv/bin/pip install --quiet --no-input --disable-pip-version-check --retries 1 --timeout 20 \
        --requirement "$requirements" || return
    cp "$requirements" .venv/installed.txt
}

# Tells a registry that is out of reach from a version that does not exist: the latter must not pass unseen.
registry_answers() {
    .venv/bin/pip install --quiet --no-input --retries 1 --timeout 20 --dry-run --no-deps yamllint >/dev/null 2>&1
}

if ! log=$(install_linters 2>&1); then
    echo "lint: ${scripts[*]} Dockerfile ${manifests[*]} were not checked, the linters could not be installed:" \
        "$(tail --lines 1 <<<"$log")" >&2
    if registry_answers; then exit 1; else exit 0; fi
fi

status=0
check() {
    PATH="$PWD/.venv/bin:$PATH" "$@" || status=1
}

check shellcheck --enable=quote-safe-variables "${scripts[@]}"
check hadolint Dockerfile
check yamllint --strict \
    --config-data '{extends: default, rules: {line-length: {max: 130}, comments-indentation: disable}}' "${manifests[@]}"
# The oldest and the newest Kubernetes that the linter knows.
for version in 1.25 1.37; do
    check kubernetes-validate --strict --quiet --kubernetes-version "$version" "${manifests[@]}"
done
exit "$status"
