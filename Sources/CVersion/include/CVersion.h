#ifndef PROMOTE_CVERSION_H
#define PROMOTE_CVERSION_H

/// The version that this program was built as, which Package.swift has from the environment of a build that is shipped.
const char *_Nonnull promote_version(void);

#endif
