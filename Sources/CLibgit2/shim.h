#ifndef ARBORIST_CLIBGIT2_SHIM_H
#define ARBORIST_CLIBGIT2_SHIM_H

#include <git2.h>
#include <git2/sys/index.h>
#include <git2/sys/repository.h>

#endif
