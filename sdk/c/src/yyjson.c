/* yyjson, with the settings that mlwasm.h has made. */
#include "mlwasm.h"

#include "../third_party/yyjson/yyjson.c"
