#define BOOST_TEST_MODULE roofline
#include <boost/test/unit_test.hpp>
