# shellcheck shell=bash
# CI systems clone a commit or twenty; judging needs the whole history of what is judged.

in_clone() { git -C "$directory" "$@"; }

# The line of Git's that says why it failed.
git_said() { grep -m 1 '^fatal:' "$scratch/notes" || tail -n 1 "$scratch/notes"; }

deepen() {
    local remote shallow
    in_clone rev-parse --git-dir >/dev/null 2>"$scratch/notes" ||
        refuse 65 "$directory is no clone: $(git_said)" \
            "check out the configuration repository, and name its folder with PROMOTE_DIRECTORY"
    shallow=$(in_clone rev-parse --git-path shallow)
    case $shallow in /*) ;; *) shallow=$directory/$shallow ;; esac
    remote=$(in_clone remote | grep -x origin || in_clone remote | head -n 1)
    [ -n "$remote" ] || return 0
    fill_partial "$remote"
    [ -f "$shallow" ] || return 0
    echo "fetching the history that this shallow clone lacks"
    # What is checked out may be on no branch: the merge that a forge made of a pull request.
    in_clone fetch --quiet --no-tags --unshallow "$remote" "+refs/heads/*:refs/remotes/$remote/*" "$(in_clone rev-parse HEAD)" \
        2>"$scratch/notes" ||
        in_clone fetch --quiet --no-tags --unshallow "$remote" "+refs/heads/*:refs/remotes/$remote/*" 2>"$scratch/notes" || true
    local commit
    if [ -f "$shallow" ]; then
        # Those that nothing fetched leads to.
        while read -r commit; do
            in_clone fetch --quiet --no-tags --depth=2147483647 "$remote" "$commit" 2>>"$scratch/notes" || true
        done <<<"$(cat "$shallow")"
    fi
    [ ! -f "$shallow" ] ||
        refuse 65 "this clone is shallow, and its history could not be fetched: $(git_said)" \
            "clone with full history: fetch-depth: 0 of actions/checkout, GIT_DEPTH: 0 of GitLab, no shallow clone in Jenkins"
}

# A clone made with --filter lacks objects, and promote reads them without Git's help.
fill_partial() {
    [ "$(in_clone config --get "remote.$1.promisor" || true)" = true ] || return 0
    echo "fetching the objects that this partial clone lacks"
    in_clone config --unset "remote.$1.partialclonefilter" || true
    in_clone fetch --quiet --no-tags --refetch --no-filter "$1" "+refs/heads/*:refs/remotes/$1/*" 2>"$scratch/notes" ||
        refuse 69 "this clone is partial, and what it lacks could not be fetched: $(git_said)" \
            "clone without a filter"
    in_clone config --unset "remote.$1.promisor"
}
