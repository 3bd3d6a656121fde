#include "roofline/core/quantity.hpp"
using namespace roofline;
auto good() { return 1.0 * unit::GB / (2.0 * unit::s); }
#ifdef ROOFLINE_BAD_LINE
auto bad() { return 1.0 * unit::GB + 2.0 * unit::s; }
#endif
