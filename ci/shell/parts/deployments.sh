# shellcheck shell=bash
# Tells the forge what environments run: Deployments of GitHub and GitLab, each with its environment, release, digest, state and a
# link. The ledger is the truth, and this a picture of it: what is told already is not told again.

forge=${PROMOTE_DEPLOYMENTS:-}
api=${PROMOTE_FORGE_API:-}
project=${PROMOTE_FORGE_PROJECT:-}

tell_deployments() {
    set_forge
    if [ "$forge" = none ]; then return 0; fi
    need curl
    local status=0 wanted entry
    wanted=$(wanted_deployments) || status=$?
    if [ "$status" != 0 ]; then
        report deployments "$status"
        return "$status"
    fi
    : >"$scratch/told"
    while read -r entry; do
        [ -n "$entry" ] || continue
        "tell_$forge" "$entry" || {
            status=69
            break
        }
    done <<<"$wanted"
    if [ "$status" = 0 ]; then
        jq -s --arg forge "$forge" '{forge: $forge, told: .}' "$scratch/told" >"$scratch/answer.json"
    else
        jq -n --arg forge "$forge" --rawfile said "$scratch/notes" \
            '{error: {code: 69, rule: null, message: "\($forge) was not told what environments run: \($said[-500:])",
              hint: "the token needs to write deployments; run it again: what was told is not told twice", checks: []}}' \
            >"$scratch/answer.json"
    fi
    : >"$scratch/notes"
    report deployments "$status"
    return "$status"
}

set_forge() {
    if [ -z "$forge" ]; then case $(system) in github | gitlab) forge=$(system) ;; *) forge=none ;; esac fi
    case $forge in
    github)
        api=${api:-${GITHUB_API_URL:-https://api.github.com}}
        project=${project:-${GITHUB_REPOSITORY:-}}
        ;;
    gitlab)
        api=${api:-${CI_API_V4_URL:-https://gitlab.com/api/v4}}
        project=${project:-${CI_PROJECT_ID:-${CI_PROJECT_PATH:-}}}
        project=$(jq -rn --arg text "$project" '$text | @uri')
        ;;
    none) ;;
    *) refuse 64 "PROMOTE_DEPLOYMENTS is '$forge'" "github, gitlab or none" ;;
    esac
}

# One line of JSON for each environment that runs a release: what is to be told of it.
wanted_deployments() {
    local tip wanted
    "$promote" -C "$directory" status --json >"$scratch/answer.json" 2>"$scratch/notes" || return $?
    cp "$scratch/answer.json" "$scratch/status.json"
    "$promote" -C "$directory" status --at "$(date -u +%Y-%m-%dT%H:%M:%SZ)" --json >"$scratch/answer.json" 2>"$scratch/notes" || return $?
    tip=$(in_clone for-each-ref --count=1 --format='%(objectname)' 'refs/promote/*/targets/**')
    jq -c --arg tip "$tip" --slurpfile past "$scratch/answer.json" -f "$ci_home/parts/deployments.jq" "$scratch/status.json" |
        while read -r wanted; do with_promotion "$wanted"; done
}

# Adds the commit that brought it there, and the pull request.
with_promotion() {
    local promotion
    promotion=$(jq -r '.promotion // empty' <<<"$1")
    if [ -n "$promotion" ] &&
        "$promote" -C "$directory" show "$promotion" --json >"$scratch/promotion.json" 2>"$scratch/notes"; then
        jq -c --slurpfile shown "$scratch/promotion.json" \
            '.sha = ($shown[0].mergeCommit // .sha) | .link = ($shown[0].pullRequest.url? // .link)' <<<"$1"
    else
        printf '%s\n' "$1"
    fi
}

# call METHOD PATH [BODY]: sets $scratch/body. The token goes through standard input: arguments are for all to see. What is as good
# twice as once is tried again.
call() {
    local retries=() header
    if [ "$1" = GET ]; then retries=(--retry 4 --retry-connrefused); fi
    case $forge in
    github) header="Authorization: Bearer ${PROMOTE_TOKEN:-${GITHUB_TOKEN:-${GH_TOKEN:-}}}" ;;
    gitlab)
        if [ -n "${PROMOTE_TOKEN:-${GITLAB_TOKEN:-}}" ]; then
            header="PRIVATE-TOKEN: ${PROMOTE_TOKEN:-${GITLAB_TOKEN:-}}"
        else
            header="JOB-TOKEN: ${CI_JOB_TOKEN:-}"
        fi
        ;;
    esac
    printf '%s' "${3:-}" >"$scratch/request"
    printf 'header = "%s"\n' "$header" |
        curl --config - --silent --show-error --fail-with-body --max-time 30 ${retries+"${retries[@]}"} --request "$1" \
            --header 'Content-Type: application/json' --header 'User-Agent: promote-ci' \
            --header 'X-GitHub-Api-Version: 2022-11-28' ${3:+--data-binary "@$scratch/request"} \
            --output "$scratch/body" "$api/$2" 2>"$scratch/notes" || {
        { printf ' %s %s: ' "$1" "$2" && head -c 300 "$scratch/body"; } >>"$scratch/notes" 2>/dev/null || true
        return 1
    }
}

# find_or_make FIND MAKE: makes what FIND does not find (status 1). Where looking failed (2), or the answer to making it was lost, it
# looks again.
find_or_make() {
    local try found
    for try in 1 2 3; do
        found=0
        "$1" || found=$?
        if [ "$found" = 0 ] || { [ "$found" = 1 ] && "$2"; }; then return 0; fi
        sleep "$try"
    done
    return 1
}

field() { jq -r ".$1 // empty" <<<"$entry"; }
told() { printf '%s\n' "$entry" >>"$scratch/told"; }

# Source: docs.github.com, "REST API endpoints for deployments" and "… for deployment statuses", version 2022-11-28.
tell_github() {
    local entry=$1 id state
    id=
    find_or_make find_on_github make_on_github || return 1
    call GET "repos/$project/deployments/$id/statuses?per_page=1" || return 1
    state=$(jq -r '.[0].state // empty' "$scratch/body")
    [ "$state" != "$(field states.github)" ] || return 0
    call POST "repos/$project/deployments/$id/statuses" \
        "$(jq -c '{state: .states.github, description: .description[0:140], auto_inactive: true}
            + if .link then {log_url: .link} else {} end' <<<"$entry")" || return 1
    told
}

find_on_github() {
    call GET "repos/$project/deployments?task=deploy%3Apromote&per_page=30&environment=$(jq -r '.environment | @uri' <<<"$entry")" ||
        return 2
    id=$(jq -r --argjson entry "$entry" '
        map(select((.payload | if type == "string" then (fromjson? // {}) else . end
                    | .release == $entry.release and .since == $entry.since)))[0].id // empty' "$scratch/body")
    [ -n "$id" ]
}

make_on_github() {
    call POST "repos/$project/deployments" \
        "$(jq -c '{ref: .sha, task: "deploy:promote", auto_merge: false, required_contexts: [], environment,
            description: .description[0:140],
            payload: {application, release, promotion, since, images}}' <<<"$entry")" || return 1
    id=$(jq -r '.id // empty' "$scratch/body")
    [ -n "$id" ]
}

# Source: docs.gitlab.com, "Deployments API" and "Environments API".
tell_gitlab() {
    local entry=$1 id state is_changed=false
    id=
    state=
    find_or_make find_on_gitlab make_on_gitlab || return 1
    if [ "$state" != "$(field states.gitlab)" ]; then
        call PUT "projects/$project/deployments/$id" "$(jq -c '{status: .states.gitlab}' <<<"$entry")" || return 1
        is_changed=true
    fi
    describe_on_gitlab || return 1
    if [ "$is_changed" = true ]; then told; fi
}

find_on_gitlab() {
    call GET "projects/$project/deployments?order_by=id&sort=desc&per_page=20&environment=$(jq -r '.environment | @uri' <<<"$entry")" ||
        return 2
    id=$(jq -r --argjson entry "$entry" 'map(select(.sha == $entry.sha))[0].id // empty' "$scratch/body")
    state=$(jq -r --argjson entry "$entry" 'map(select(.sha == $entry.sha))[0].status // empty' "$scratch/body")
    [ -n "$id" ]
}

make_on_gitlab() {
    call POST "projects/$project/deployments" \
        "$(jq -c --arg ref "$(target_branch)" \
            '{environment, sha, ref: $ref, tag: false, status: "running"}' <<<"$entry")" || return 1
    id=$(jq -r '.id // empty' "$scratch/body")
    state=running
    is_changed=true
    [ -n "$id" ]
}

# GitLab's deployments have no words of their own: the environment has the digest, and the link.
describe_on_gitlab() {
    call GET "projects/$project/environments?name=$(jq -r '.environment | @uri' <<<"$entry")" || return 1
    local environment wanted
    wanted=$(jq -r '[.description, .link // empty] | join(" ")' <<<"$entry")
    environment=$(jq -r --arg wanted "$wanted" '.[0] | select(.id and .description != $wanted) | .id' "$scratch/body")
    if [ -n "$environment" ]; then
        call PUT "projects/$project/environments/$environment" "$(jq -cn --arg text "$wanted" '{description: $text}')" || return 1
        is_changed=true
    fi
}

target_branch() { in_clone for-each-ref --count=1 --format='%(refname:lstrip=4)' 'refs/promote/*/targets/**'; }
