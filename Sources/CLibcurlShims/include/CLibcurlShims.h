#ifndef CLIBCURL_SHIMS_H
#define CLIBCURL_SHIMS_H

#include <curl/curl.h>

#endif
