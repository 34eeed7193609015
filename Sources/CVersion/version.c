#include "CVersion.h"

const char *promote_version(void) { return PROMOTE_VERSION; }
