#include "roofline/core/quantity.hpp"
using namespace roofline;
double gib(Bytes size) { return size.in(unit::GiB); }
auto good() { return gib(4.0 * unit::GB); }
#ifdef ROOFLINE_BAD_LINE
auto bad() { return gib(4.0); }
#endif
