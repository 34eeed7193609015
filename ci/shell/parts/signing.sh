# shellcheck shell=bash
# The key that CI signs with comes as a secret, in PROMOTE_SIGNING_KEY or in the file that PROMOTE_SIGNING_KEY_FILE names. It goes
# into an agent that ends with this script, or else into a file that only this account can read and that is removed.

agent_id=

stop_agent() {
    if [ -n "$agent_id" ]; then kill "$agent_id" 2>/dev/null || true; fi
    agent_id=
}

forget_key() { unset PROMOTE_SIGNING_KEY PROMOTE_SIGNING_KEY_FILE; }

# configure KEY VALUE: for every Git that is started from here, and in no file.
configure() {
    local count=${GIT_CONFIG_COUNT:-0}
    export "GIT_CONFIG_KEY_$count=$1" "GIT_CONFIG_VALUE_$count=$2"
    export GIT_CONFIG_COUNT=$((count + 1))
}

# The key as OpenSSH reads it. GitLab hides a variable in logs only when it is one line: so it may be base64.
key_text() {
    local text=${PROMOTE_SIGNING_KEY:-}
    if [ -n "${PROMOTE_SIGNING_KEY_FILE:-}" ]; then text=$(<"$PROMOTE_SIGNING_KEY_FILE"); fi
    case $text in
    -----BEGIN*) ;;
    *) text=$(base64 -d 2>/dev/null <<<"$text" | tr -d '\0') || true ;;
    esac
    printf '%s\n' "${text//$'\r'/}"
}

# Sets public_key: of the key in an agent of our own. An agent that is there already is for the remote, and left alone.
use_agent() {
    [ -z "${SSH_AUTH_SOCK:-}" ] && command -v ssh-agent >/dev/null || return 1
    local settings
    settings=$(ssh-agent -s -t 7200 -a "$scratch/agent" 2>/dev/null) || return 1
    agent_id=$(sed -n 's/^SSH_AGENT_PID=\([0-9]*\);.*/\1/p' <<<"$settings")
    export SSH_AUTH_SOCK=$scratch/agent
    key_text | SSH_ASKPASS_REQUIRE=never ssh-add -q - 2>/dev/null || {
        stop_agent
        unset SSH_AUTH_SOCK
        return 1
    }
    public_key=$(ssh-add -L | cut -d ' ' -f 1,2)
    configure user.signingkey "key::$public_key"
}

use_file() {
    key_text >"$scratch/key"
    public_key=$(SSH_ASKPASS_REQUIRE=never ssh-keygen -y -P '' -f "$scratch/key" 2>/dev/null </dev/null) || return 1
    printf '%s\n' "$public_key" >"$scratch/key.pub"
    configure user.signingkey "$scratch/key.pub"
}

sign() {
    if [ -n "${PROMOTE_ACTOR:-}" ]; then
        configure user.email "$PROMOTE_ACTOR"
        configure user.name "${PROMOTE_ACTOR%%@*}"
    fi
    [ -n "${PROMOTE_SIGNING_KEY:-}${PROMOTE_SIGNING_KEY_FILE:-}" ] || return 0
    [ -n "$(in_clone config --get user.email || true)" ] ||
        refuse 64 "there is a signing key, and no actor" "set PROMOTE_ACTOR to the principal of the key in allowed_signers"
    need ssh-keygen
    local public_key=
    use_agent || use_file ||
        refuse 65 "the signing key cannot be read" \
            "PROMOTE_SIGNING_KEY is the private half of an SSH key without a passphrase, as ssh-keygen writes it, or that in base64"
    forget_key
    configure gpg.format ssh
}
