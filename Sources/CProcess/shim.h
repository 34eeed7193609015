#ifndef PROMOTE_CPROCESS_SHIM_H
#define PROMOTE_CPROCESS_SHIM_H

#include <sys/prctl.h>
#include <unistd.h>

extern char **environ;

/* prctl is variadic, which Swift cannot import. Source: prctl(2), PR_SET_DUMPABLE; proc(5). */
static inline int promote_forbid_inspection(void) {
  return prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L);
}

/* Swift takes the variable `environ` for shared mutable state. */
static inline char **promote_environment(void) { return environ; }
static inline void promote_replace_environment(char **list) { environ = list; }
#endif
