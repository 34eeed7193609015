# shellcheck shell=bash
# promote itself: what PATH has, or what is downloaded from PROMOTE_PROGRAM_URL and has the digest PROMOTE_PROGRAM_SHA256.

get_program() {
    [ -n "${PROMOTE_PROGRAM_URL:-}" ] || return 0
    need curl sha256sum
    [[ "${PROMOTE_PROGRAM_SHA256:-}" =~ ^[0-9a-f]{64}$ ]] ||
        refuse 64 "which program is meant is not said" "set PROMOTE_PROGRAM_SHA256 to the digest in the release's list of checksums"
    curl --silent --show-error --fail --location --retry 4 --max-time 300 --output "$scratch/download" "$PROMOTE_PROGRAM_URL" \
        2>"$scratch/notes" || refuse 69 "promote could not be downloaded: $(tail -n 1 "$scratch/notes")" "try again"
    sha256sum --check --status <<<"$PROMOTE_PROGRAM_SHA256  $scratch/download" ||
        refuse 77 "what $PROMOTE_PROGRAM_URL has is not what PROMOTE_PROGRAM_SHA256 says" \
            "compare the digest with the release's list of checksums"
    case $PROMOTE_PROGRAM_URL in
    *.tar.gz | *.tgz)
        mkdir "$scratch/unpacked"
        tar -C "$scratch/unpacked" -xzf "$scratch/download"
        promote=$(find "$scratch/unpacked" -type f -name promote -perm -u+x | head -n 1)
        ;;
    *)
        chmod u+x "$scratch/download"
        promote=$scratch/download
        ;;
    esac
}
