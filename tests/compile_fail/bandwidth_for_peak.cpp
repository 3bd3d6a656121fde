#include "roofline/core/quantity.hpp"
using namespace roofline;
Seconds compute_time(Ops work, OpsPerSecond peak) { return work / peak; }
auto good() { return compute_time(1.0 * unit::Gop, 5.0 * unit::Gop / unit::s); }
#ifdef ROOFLINE_BAD_LINE
auto bad() { return compute_time(1.0 * unit::Gop, 5.0 * unit::GB / unit::s); }
#endif
