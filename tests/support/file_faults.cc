#include "ndx/tests/support/file_faults.h"  // compiles alone
