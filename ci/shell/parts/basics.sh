# shellcheck shell=bash
# What every command of promote-ci uses: its scratch folder, refusals, promote itself, and where CI systems say what runs.

promote=${PROMOTE_PROGRAM:-promote}
directory=${PROMOTE_DIRECTORY:-.}
scratch=

begin() {
    umask 077
    scratch=$(mktemp -d)
    trap end EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
}

end() {
    local status=$?
    stop_agent
    rm -rf "$scratch"
    exit "$status"
}

# refuse STATUS WHAT HINT: tells an error as those of promote are told, and ends.
refuse() {
    jq -n --argjson code "$1" --arg message "$2" --arg hint "$3" \
        '{error: {code: $code, rule: null, message: $message, hint: $hint, checks: []}}' >"$scratch/answer.json"
    report refused "$1"
    exit "$1"
}

need() {
    local program
    for program in "$@"; do
        command -v "$program" >/dev/null || {
            # Without jq there is no report.
            echo "error: promote-ci needs $program, which is not in PATH" >&2
            exit 69
        }
    done
}

# ask ARGUMENT…: runs promote with these arguments, again where another job was faster, and reports what it answers.
ask() {
    local status try
    for try in 1 2 3 4 5 6; do
        status=0
        "$promote" -C "$directory" "$@" --json >"$scratch/answer.json" 2>"$scratch/notes" || status=$?
        # Without a rule, 75 is a lost race and no pending check.
        if [ "$status" != 75 ] || [ "$(jq -r '.error | if . then .rule else "verdict" end' "$scratch/answer.json")" != null ]; then
            break
        fi
        if [ "$try" != 6 ]; then sleep "$((try - 1)).$((RANDOM % 900 + 100))"; fi
    done
    report "$1" "$status"
    return "$status"
}

# Which system this is: github, gitlab, jenkins, or nothing.
system() {
    if [ "${GITHUB_ACTIONS:-}" = true ]; then
        echo github
    elif [ "${GITLAB_CI:-}" = true ]; then
        echo gitlab
    elif [ -n "${JENKINS_URL:-}" ]; then
        echo jenkins
    fi
}

source_commit() {
    case $(system) in
    github) echo "${GITHUB_SHA:-}" ;;
    gitlab) echo "${CI_COMMIT_SHA:-}" ;;
    jenkins) echo "${GIT_COMMIT:-}" ;;
    esac
}

source_address() {
    case $(system) in
    github) echo "${GITHUB_SERVER_URL:-https://github.com}/${GITHUB_REPOSITORY:-}" ;;
    gitlab) echo "${CI_PROJECT_URL:-}" ;;
    jenkins) echo "${GIT_URL:-}" ;;
    esac
}

run_address() {
    case $(system) in
    github) echo "${GITHUB_SERVER_URL:-https://github.com}/${GITHUB_REPOSITORY:-}/actions/runs/${GITHUB_RUN_ID:-}" ;;
    gitlab) echo "${CI_JOB_URL:-}" ;;
    jenkins) echo "${BUILD_URL:-}" ;;
    esac
}
