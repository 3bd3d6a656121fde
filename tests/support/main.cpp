#define BOOST_TEST_MODULE roofline
#if defined(ROOFLINE_HEADER_ONLY_TESTS)
#include <boost/test/included/unit_test.hpp>
#else
#include <boost/test/unit_test.hpp>
#endif
