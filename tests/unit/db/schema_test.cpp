// hardware_db/schema.md and the loaders name the same keys and units, so that the page can not drift from the program.
#include <cctype>
#include <iterator>
#include <map>
#include <set>
#include <sstream>

#include "db/roles.hpp"
#include "roofline/db/units.hpp"
#include "unit/db/db_test.hpp"

using namespace roofline;
using namespace roofline::db;
using namespace roofline::testing;

namespace {


// Said once for every file and every citation, not table by table.
const std::set<std::string> said_once{"schema", "source", "at", "note", "basis"};

bool is_name(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '_'; });
}

// How the page is written: "`[[memory]]`" or "`[pcie]`" opens a table; what follows outside parentheses in backticks, or
// stands in the first column, is a key of it; "`{ role, rows }`" are keys of the key before; free keys are not compared.
class Page {
 public:
  explicit Page(Kind kind) : folder_(folder_of(kind)) {}

  std::set<std::string> keys() {
    std::ifstream file(std::string(ROOFLINE_SOURCE_DIR) + "/hardware_db/schema.md");
    BOOST_REQUIRE(file.good());
    bool inside = false;
    for (std::string line; std::getline(file, line);) {
      if (line.rfind("## ", 0) == 0) {
        inside = line.rfind("## " + folder_ + "/", 0) == 0;
        prefix_.clear();
      } else if (inside && line.rfind('|', 0) == 0) {
        row(line);
      } else if (inside && (line.rfind('`', 0) == 0 || line.rfind("Top level:", 0) == 0)) {
        if (line.rfind("Top level:", 0) == 0) prefix_.clear();
        prose(line);
      }
    }
    return std::move(keys_);
  }

 private:
  void row(const std::string& line) {
    const std::size_t first_end = line.find('|', 1);
    const std::string first = line.substr(1, first_end - 1);
    if (first.find('[') != std::string::npos) {
      prose(first);
      prose(line.substr(first_end + 1));
    } else {
      prose(first);
      // Only the shape of inline tables; the other columns are words.
      for (std::size_t at = line.find("`{", first_end); at != std::string::npos; at = line.find("`{", at + 1)) shape(line.substr(at + 1, line.find('`', at + 1) - at - 1));
    }
  }

  void prose(const std::string& line) {
    int depth = 0;
    for (std::size_t at = 0; at < line.size(); ++at) {
      if (line[at] == '(') ++depth;
      if (line[at] == ')') --depth;
      if (line[at] != '`') continue;
      const std::size_t end = line.find('`', at + 1);
      if (end == std::string::npos) return;
      const std::string word = line.substr(at + 1, end - at - 1);
      at = end;
      if (word.front() == '{') {
        shape(word);
      } else if (depth == 0 && word.front() == '[') {
        table(word);
        if (line.find("(free keys)") != std::string::npos) return;
      } else if (depth == 0 && is_name(word)) {
        last_ = prefix_ + word;
        keys_.insert(last_);
      }
    }
  }

  void table(const std::string& word) {
    const bool array = word.rfind("[[", 0) == 0;
    const std::string name = word.substr(array ? 2 : 1, word.find(']') - (array ? 2 : 1));
    if (!is_name(name)) return;  // `["*"]` is a value
    keys_.insert(name);
    prefix_ = name + (array ? "[]." : ".");
  }

  // "{ format = "int8", value = 64 }" or "{ role, rows, columns }"
  void shape(const std::string& text) {
    std::string name;
    bool quoted = false;
    bool value = false;
    for (const char c : text + ",") {
      if (c == '"') quoted = !quoted;
      if (quoted) continue;
      if (c == '=' || c == ',' || c == '}') {
        if (!value && is_name(name)) keys_.insert(last_ + "[]." + name);
        name.clear();
        value = c == '=';
      } else if (c != ' ' && c != '{' && c != '"') {
        name += c;
      }
    }
  }

  std::string folder_;
  std::string prefix_;
  std::string last_;
  std::set<std::string> keys_;
};

std::set<std::string> without_common(const std::set<std::string>& keys) {
  std::set<std::string> rest;
  for (const std::string& key : keys) {
    const std::size_t dot = key.rfind('.');
    if (!said_once.contains(dot == std::string::npos ? key : key.substr(dot + 1))) rest.insert(key);
  }
  return rest;
}

std::string page_text() {
  std::ifstream file(std::string(ROOFLINE_SOURCE_DIR) + "/hardware_db/schema.md");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(schema)

BOOST_AUTO_TEST_CASE(the_page_and_the_loaders_name_the_same_keys) {
  for (const Kind kind : all_kinds) {
    const auto known = known_keys(kind);
    const std::set<std::string> loader = without_common({known.begin(), known.end()});
    const std::set<std::string> page = without_common(Page(kind).keys());
    BOOST_TEST(page.size() > 3u, "schema.md has a section on " << folder_of(kind));
    for (const std::string& key : loader) BOOST_TEST(page.contains(key), to_string(kind) << ": schema.md does not describe '" << key << "'");
    for (const std::string& key : page) BOOST_TEST(loader.contains(key), to_string(kind) << ": the loader does not know '" << key << "' of schema.md");
  }
}

BOOST_AUTO_TEST_CASE(no_key_is_listed_twice) {
  for (const Kind kind : all_kinds) {
    auto keys = known_keys(kind);
    std::sort(keys.begin(), keys.end());
    BOOST_TEST((std::adjacent_find(keys.begin(), keys.end()) == keys.end()), to_string(kind));
    BOOST_TEST((std::find(keys.begin(), keys.end(), "schema") != keys.end()), to_string(kind));
  }
}

BOOST_AUTO_TEST_CASE(the_page_and_the_program_name_the_same_tensor_roles) {
  const std::string page = page_text();
  constexpr std::string_view head = "\nTensor roles are GGUF's: `";
  const std::size_t begin = page.find(head);
  BOOST_REQUIRE(begin != std::string::npos);
  std::istringstream words(page.substr(begin + head.size(), page.find('`', begin + head.size()) - begin - head.size()));
  const std::set<std::string> named{std::istream_iterator<std::string>(words), {}};
  const std::set<std::string> program(tensor_roles().begin(), tensor_roles().end());
  BOOST_TEST(named == program, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_page_and_the_program_name_the_same_units) {
  const std::string page = page_text();
  const std::size_t begin = page.find("\nUnits:");
  BOOST_REQUIRE(begin != std::string::npos);
  const std::string units = page.substr(begin, page.find("\nMultiply-add", begin) - begin);
  std::set<std::string> named;
  bool inside = false;
  std::string word;
  for (const char c : units + " ") {
    if (c == '`' || c == ' ' || c == '\n') {
      if (inside && !word.empty()) named.insert(word);
      word.clear();
      if (c == '`') inside = !inside;
    } else {
      word += c;
    }
  }
  const auto known = unit_names();
  const std::set<std::string> program(known.begin(), known.end());
  BOOST_TEST(named == program, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
