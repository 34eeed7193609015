# shellcheck shell=bash
# Says what promote answered: in the log, in the step's outputs, in the job's summary, and as annotations.

# report COMMAND STATUS: of $scratch/answer.json, and of $scratch/notes, what promote said beside it.
report() {
    local summary=$scratch/summary.md
    # A failure without words is one of the machine: no memory, no disk, or a defect.
    if ! jq -e --argjson status "$2" 'type == "object" and (.error or .verdict or .steps or $status == 0)' "$scratch/answer.json" \
        >/dev/null 2>&1; then
        jq -n --argjson code "$2" --rawfile said "$scratch/notes" \
            '{error: {code: $code, rule: null, message: "promote gave no answer", hint: $said[-2000:], checks: []}}' \
            >"$scratch/answer.json"
    fi
    jq -r --arg command "$1" -f "$ci_home/parts/summary.jq" "$scratch/answer.json" >"$summary"
    if [ "$1" = gate ] && [ "$(jq -r 'has("verdict")' "$scratch/answer.json")" = true ]; then gate_summary >"$summary"; fi
    log "$summary"
    write_summary "$summary"
    write_outputs
    annotate "$1"
}

# Of the very commits that were judged, with the differences.
gate_summary() {
    "$promote" -C "$directory" gate --markdown --base "$(jq -r .base "$scratch/answer.json")" \
        --head "$(jq -r .head "$scratch/answer.json")" 2>/dev/null || true
}

# Runners take lines of the log for commands: what others wrote must not be one.
log() {
    local token=
    if [ "$(system)" = github ]; then
        token=$(head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n')
        echo "::stop-commands::$token"
    fi
    cat "$1"
    # On the same stream: two of them come in any order.
    if [ -s "$scratch/notes" ]; then cat "$scratch/notes"; fi
    if [ -n "$token" ]; then echo "::$token::"; fi
}

# What is left for later jobs is of these runs alone: of a clone that brings files of these names, or links, nothing stays.
clear_reports() {
    local file
    for file in promote.env promote.md gl-code-quality-report.json; do
        if [ -L "$file" ] || git ls-files --error-unmatch -- "$file" >/dev/null 2>&1; then rm -f -- "$file"; fi
    done
}

# A summary of GitHub is a mebibyte at most.
write_summary() {
    local file=${GITHUB_STEP_SUMMARY:-${PROMOTE_SUMMARY:-}}
    if [ -z "$file" ] && [ -n "$(system)" ]; then file=promote.md; fi
    [ -z "$file" ] || { head -c 900000 "$1" && echo; } >>"$file"
}

write_outputs() {
    local pairs name value dotenv=${PROMOTE_DOTENV:-}
    pairs=$(jq -r -f "$ci_home/parts/outputs.jq" "$scratch/answer.json")
    if [ -z "$dotenv" ] && [ "$(system)" = gitlab ] || [ "$(system)" = jenkins ]; then dotenv=${dotenv:-promote.env}; fi
    while IFS='=' read -r name value; do
        [ -n "$name" ] || continue
        if [ -n "${GITHUB_OUTPUT:-}" ]; then printf '%s=%s\n' "$name" "$value" >>"$GITHUB_OUTPUT"; fi
        if [ -n "$dotenv" ]; then printf 'PROMOTE_%s=%s\n' "$(tr '[:lower:]' '[:upper:]' <<<"$name")" "$value" >>"$dotenv"; fi
    done <<<"$pairs"
}

# Errors at the lines of configuration and manifests where promote names them.
annotate() {
    local folder
    folder=$(in_clone rev-parse --show-prefix 2>/dev/null || true)
    if [ -z "$folder" ] && [ "$directory" != . ]; then folder=${directory#./}/; fi
    jq -c --arg command "$1" --arg folder "$folder" -f "$ci_home/parts/annotations.jq" "$scratch/answer.json" \
        >"$scratch/annotations.json"
    case $(system) in
    github) jq -r '.[] | .line' "$scratch/annotations.json" ;;
    gitlab) jq '[.[] | .quality | select(.)]' "$scratch/annotations.json" >"${PROMOTE_CODE_QUALITY:-gl-code-quality-report.json}" ;;
    esac
}
