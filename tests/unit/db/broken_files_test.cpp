// tests/data/broken/expected: one file per kind of breakage. Its first line says what is expected,
//   # expect KIND LINE:COLUMN: part of the message
// and it is loaded as the file of an overlay, so that rules between files speak as well. 0:0 is "anywhere in the file".
#include <map>

#include "unit/db/db_test.hpp"

using namespace roofline;
using namespace roofline::db;
using namespace roofline::testing;

namespace {

struct Expected {
  Kind kind = Kind::device;
  Place place;
  std::string message;
};

// What TOML leaves no room to say inside the file.
const std::map<std::string, Expected> outside{{"empty.toml", {Kind::device, {1, 1}, "empty file, expected schema = 1"}}};

Expected expected_of(const std::string& name, const std::string& text) {
  if (const auto found = outside.find(name); found != outside.end()) return found->second;
  constexpr std::string_view mark = "# expect ";
  BOOST_REQUIRE_MESSAGE(text.rfind(mark, 0) == 0, name << " begins with '" << mark << "'");
  const std::string line = text.substr(mark.size(), text.find('\n') - mark.size());
  const std::size_t space = line.find(' ');
  const std::size_t colon = line.find(':');
  const std::size_t end = line.find(": ", colon + 1);
  BOOST_REQUIRE_MESSAGE(space != std::string::npos && end != std::string::npos, name << ": KIND LINE:COLUMN: message");
  Expected expected;
  const auto kind = kind_of_path(line.substr(0, space) + "/x");
  BOOST_REQUIRE_MESSAGE(kind.has_value(), name << " names the folder it belongs to");
  expected.kind = *kind;
  expected.place = {std::stoi(line.substr(space + 1)), std::stoi(line.substr(colon + 1))};
  expected.message = line.substr(end + 2);
  return expected;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(broken_files)

BOOST_AUTO_TEST_CASE(each_is_refused_with_its_message) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(ROOFLINE_TESTS_DIR) + "/data/broken/expected")) {
    if (entry.path().extension() != ".toml") continue;
    ++count;
    const std::string name = entry.path().filename().string();
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const Expected expected = expected_of(name, text);

    const TemporaryTree tree;
    const std::string file = tree.write(std::string(folder_of(expected.kind)) + "/" + name, text).string();
    Catalog catalog;
    std::vector<Diagnostic> diagnostics = catalog.add_directory(tree.root());
    for (const Diagnostic& diagnostic : catalog.check()) {
      if (diagnostic.file == file) diagnostics.push_back(diagnostic);
    }
    const bool anywhere = expected.place.line == 0;
    BOOST_TEST((anywhere ? says(diagnostics, expected.message) : says_at(diagnostics, expected.place, expected.message)),
               name << ": wanted '" << expected.message << "' at " << expected.place.line << ":" << expected.place.column << ", got " << all(diagnostics));
  }
  BOOST_TEST(count >= 12u);
}

BOOST_AUTO_TEST_SUITE_END()
