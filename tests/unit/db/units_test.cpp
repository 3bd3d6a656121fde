#include "roofline/db/units.hpp"

#include <boost/test/unit_test.hpp>

using namespace roofline;
using namespace roofline::db;

namespace {

double base_of(std::string_view text) {
  const auto quantity = parse_quantity(text);
  BOOST_REQUIRE_MESSAGE(quantity.has_value(), "'" << text << "' is a quantity");
  return quantity->base;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(units)

// GB = 1e9 B and GiB = 2^30 B are both legal and different.
BOOST_AUTO_TEST_CASE(decimal_and_binary_prefixes_differ) {
  BOOST_TEST(unit_named("GB")->base == 1e9);
  BOOST_TEST(unit_named("GiB")->base == 1073741824.0);
  BOOST_TEST(unit_named("MiB")->base == 1048576.0);
  BOOST_TEST(unit_named("TB")->base == 1e12);
}

BOOST_AUTO_TEST_CASE(every_unit_of_the_schema_has_its_dimension) {
  constexpr Dimension bytes{.byte = 1}, rate{.byte = 1, .second = -1}, frequency{.second = -1}, ops{.op = 1}, ops_rate{.op = 1, .second = -1};
  const auto all_of = [](const std::vector<const char*>& names, Dimension dimension) {
    for (const char* name : names) {
      const auto unit = unit_named(name);
      BOOST_TEST(unit.has_value(), name << " is a unit");
      if (unit) BOOST_TEST((unit->dimension == dimension), name << " is in " << describe(unit->dimension));
    }
  };
  all_of({"B", "kB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "TiB"}, bytes);
  all_of({"B/s", "kB/s", "MB/s", "GB/s", "TB/s", "MiB/s", "GiB/s"}, rate);
  all_of({"Hz", "kHz", "MHz", "GHz", "MT/s"}, frequency);
  all_of({"op", "Gop"}, ops);
  all_of({"GFLOP/s", "TFLOP/s", "GOP/s", "TOP/s"}, ops_rate);
  all_of({"s", "ms", "us", "ns"}, Dimension{.second = 1});
  all_of({"W"}, Dimension{.joule = 1, .second = -1});
  all_of({"J"}, Dimension{.joule = 1});
  all_of({"bit", "USD", "1", "params"}, Dimension{});
  BOOST_TEST(unit_named("tokens").has_value());
}

// FLOP/s and OP/s are one dimension under two labels; MT/s counts transfers per second.
BOOST_AUTO_TEST_CASE(factors) {
  BOOST_TEST(unit_named("TFLOP/s")->base == 1e12);
  BOOST_TEST(unit_named("TOP/s")->base == 1e12);
  BOOST_TEST(unit_named("MT/s")->base == 1e6);
  BOOST_TEST(unit_named("us")->base == 1e-6);
  BOOST_TEST(unit_named("kB")->base == 1e3);
}

BOOST_AUTO_TEST_CASE(case_and_spelling_matter) {
  for (const char* name : {"gb", "Gb", "GBps", "mhz", "TOPS", "KB", "", " GB", "GB "}) BOOST_TEST(!unit_named(name).has_value(), "'" << name << "' is no unit");
}

BOOST_AUTO_TEST_CASE(names_are_listed_once) {
  auto names = unit_names();
  BOOST_TEST(names.size() == 38u);
  std::sort(names.begin(), names.end());
  BOOST_TEST((std::adjacent_find(names.begin(), names.end()) == names.end()));
}

BOOST_AUTO_TEST_CASE(quantities_as_typed) {
  BOOST_TEST(base_of("29GB/s") == 29e9);
  BOOST_TEST(base_of("29 GB/s") == 29e9);
  BOOST_TEST(base_of("1.3GHz") == 1.3e9, boost::test_tools::tolerance(1e-15));
  BOOST_TEST(base_of("16") == 16.0);
  BOOST_TEST(base_of("2.5e2MHz") == 250e6);
  BOOST_TEST(base_of(".5GiB") == 536870912.0);
  BOOST_TEST((parse_quantity("16")->dimension == Dimension{}));
  BOOST_TEST((parse_quantity("8GiB")->dimension == Dimension{.byte = 1}));
}

BOOST_AUTO_TEST_CASE(what_is_no_quantity) {
  for (const char* text : {"", " ", "GB", "inf", "nan", "-inf", "0x10", "0x10GB", "1e999", "12GB/s!", "12 GB /s", "1,5GB", "1.2.3", "--1", "+1", "1e", "1 1",
                           "1  GB", "GB/s29", "1e400GB", "12\tGB", "٣GB"}) {
    BOOST_TEST(!parse_quantity(text).has_value(), "'" << text << "' is no quantity");
  }
  BOOST_TEST(!parse_quantity(std::string(100000, '9')).has_value());
  BOOST_TEST(!parse_quantity(std::string_view("1\0GB", 4)).has_value());
}

BOOST_AUTO_TEST_CASE(dimensions_in_words) {
  BOOST_TEST(describe(Dimension{.byte = 1, .second = -1}) == "byte/s");
  BOOST_TEST(describe(Dimension{.op = 1}) == "op");
  BOOST_TEST(describe(Dimension{}) == "1");
  BOOST_TEST(describe(Dimension{.second = -1}) == "1/s");
  BOOST_TEST(describe(Dimension{.joule = 1, .second = -1}) == "W");
}

BOOST_AUTO_TEST_SUITE_END()
