#ifndef PROMOTE_CSPAWN_SHIM_H
#define PROMOTE_CSPAWN_SHIM_H

#include <spawn.h>

/* Declared by <spawn.h> only where all of GNU's extensions are, which Swift's module of the C library leaves out.
   Source: glibc, posix/spawn.h. */
extern int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *actions, const char *path);
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);
#endif
