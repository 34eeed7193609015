#ifndef PROMOTE_CLIBYAML_SHIM_H
#define PROMOTE_CLIBYAML_SHIM_H

#include <yaml.h>

#endif
