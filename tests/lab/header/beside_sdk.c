/* A file that uses the SDK's management, with our folder in front: its headers include each other as if we were not there. */
#include <clfsmgmtw32.h>

SDK_POLICY policy = {SDK_POLICY_VERSION};
