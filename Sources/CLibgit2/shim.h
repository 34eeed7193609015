#ifndef PROMOTE_CLIBGIT2_SHIM_H
#define PROMOTE_CLIBGIT2_SHIM_H

#include <git2.h>
#include <git2/sys/mempack.h>
#include <git2/sys/odb_backend.h>

/* git_libgit2_opts is variadic, which Swift cannot import. */
static inline int promote_git_set_owner_validation(int enabled) {
  return git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, enabled);
}

/// Bounds what libgit2 keeps: parsed objects, how large a directory may be to be among them, and the parts of packs that it maps.
/// All in bytes.
static inline int promote_git_set_memory_limits(ssize_t objects, size_t directory, size_t window, size_t mapped) {
    int status = git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, objects);
    if (status == 0) status = git_libgit2_opts(GIT_OPT_SET_CACHE_OBJECT_LIMIT, GIT_OBJECT_TREE, directory);
    if (status == 0) status = git_libgit2_opts(GIT_OPT_SET_MWINDOW_SIZE, window);
    if (status == 0) status = git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, mapped);
    return status;
}
#endif
