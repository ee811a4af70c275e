#include "ndx/journal/receipt.h"
#include "ndx/journal/rocks_journal.h"
#include "ndx/journal/verify_journal.h"
