#include "roofline/core/quantity.hpp"
using namespace roofline;
TokensPerSecond good() { return 10.0 * unit::token / unit::s; }
#ifdef ROOFLINE_BAD_LINE
TokensPerSecond bad() { return 10.0 * unit::op / unit::s; }
#endif
