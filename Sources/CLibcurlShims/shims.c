// Shims for what Swift cannot call in libcurl: functions with variable arguments, and the union in CURLMsg.
#include "CLibcurlShims.h"
