#include "unit/db/db_test.hpp"

using namespace roofline;
using namespace roofline::db;
using namespace roofline::testing;

namespace {

const std::string cited = "source = \"assumed\"\nnote = \"a test\"\n";

void refuse(const std::string& text, std::string_view fragment, std::string_view message) { check_refused(load_model(text, "x.toml"), text, fragment, message); }
void refuse(std::string_view from, std::string_view to, std::string_view fragment, std::string_view message) { refuse(replaced(good_model, from, to), fragment, message); }

ModelSpec good(const std::string& text) {
  auto loaded = load_model(text, "x.toml");
  require_good(loaded);
  return std::move(*loaded.value);
}

template <class Part>
std::string layers_that(const ModelSpec& model, Part part) {
  std::string marks;
  for (const Layer& layer : model.layers) marks += part(layer) ? '1' : '0';
  return marks;
}

bool windowed(const Layer& layer) {
  const auto* a = std::get_if<GroupedQueryAttention>(&layer.mixer);
  return a != nullptr && a->window_kind != WindowKind::none;
}
template <class Mixer_>
bool mixes(const Layer& layer) {
  return std::holds_alternative<Mixer_>(layer.mixer);
}
bool routed(const Layer& layer) { return std::holds_alternative<MixtureOfExperts>(layer.feed_forward); }

}  // namespace

BOOST_AUTO_TEST_SUITE(load_model_files)

BOOST_AUTO_TEST_CASE(a_dense_model) {
  const ModelSpec m = good(good_model);
  BOOST_TEST(m.layers.size() == 6u);
  BOOST_TEST(m.embedding_rows == 1000);  // as many as the vocabulary where nothing else is said
  BOOST_TEST(m.gguf_vocabulary == 0);
  BOOST_TEST(m.tied_embeddings);
  BOOST_TEST(m.cites.size() == 3u);  // one per table
  const auto& a = std::get<GroupedQueryAttention>(m.layers[0].mixer);
  BOOST_TEST(a.heads == 8);
  BOOST_TEST(a.head_dim_v == 8);  // as wide as the keys
  BOOST_TEST((a.window_kind == WindowKind::none));
  const auto& f = std::get<DenseFeedForward>(m.layers[0].feed_forward);
  BOOST_TEST(f.size == 128);
  BOOST_TEST(f.gated);
}

// Layer i, counted from 0, sees everything if i + 1 is a multiple of full_every: 2 and 5 of six.
BOOST_AUTO_TEST_CASE(windows) {
  const std::string window = good_model + "\n[window]\nsize = 32\nkind = \"sliding\"\n" + cited;
  BOOST_TEST(layers_that(good(window + "full_every = 3\n"), windowed) == "110110");
  BOOST_TEST(layers_that(good(window + "full_layers = [0, 5]\n"), windowed) == "011110");
  BOOST_TEST(layers_that(good(window), windowed) == "111111");
  const ModelSpec chunked = good(replaced(window, "sliding", "chunked"));
  BOOST_TEST((std::get<GroupedQueryAttention>(chunked.layers[0].mixer).window_kind == WindowKind::chunked));
  BOOST_TEST(std::get<GroupedQueryAttention>(chunked.layers[0].mixer).window == 32);
  refuse(window + "full_layers = [6]\n", "6]\n", "'full_layers'");
  refuse(window + "full_every = -3\n", "-3\n", "'full_every'");
  refuse(replaced(window, "size = 32", "size = 0"), "0\nkind", "'size'");
}

// Layer i is routed if i >= first_dense and i + 1 is a multiple of every.
BOOST_AUTO_TEST_CASE(experts) {
  const std::string moe = good_model + "\n[experts]\ncount = 8\ntop_k = 2\nsize = 32\n" + cited;
  BOOST_TEST(layers_that(good(moe), routed) == "111111");
  BOOST_TEST(layers_that(good(moe + "first_dense = 1\n"), routed) == "011111");
  BOOST_TEST(layers_that(good(moe + "every = 2\n"), routed) == "010101");
  BOOST_TEST(layers_that(good(moe + "every = 2\nfirst_dense = 2\n"), routed) == "000101");
  const ModelSpec m = good(moe + "shared_size = 64\nrouter_bias = true\n");
  const auto& e = std::get<MixtureOfExperts>(m.layers[0].feed_forward);
  BOOST_TEST(e.count == 8);
  BOOST_TEST(e.top_k == 2);
  BOOST_TEST(e.shared_size == 64);
  BOOST_TEST(e.router_bias);
  BOOST_TEST(e.gated);  // as the feed-forward is
  refuse(replaced(moe, "top_k = 2", "top_k = 9"), "9\n", "top_k");
  refuse(replaced(moe, "count = 8", "count = 65537"), "65537", "'count'");
}

BOOST_AUTO_TEST_CASE(latent_attention_replaces_the_grouped_kind_everywhere) {
  const ModelSpec m = good(good_model + "\n[latent_attention]\nkv_lora_rank = 16\nrope_dim = 4\nnope_dim = 8\nvalue_dim = 8\n" + cited);
  BOOST_TEST(layers_that(m, mixes<LatentAttention>) == "111111");
  const auto& a = std::get<LatentAttention>(m.layers[3].mixer);
  BOOST_TEST(a.heads == 8);
  BOOST_TEST(a.q_lora_rank == 0);
  BOOST_TEST(a.kv_lora_rank == 16);
}

BOOST_AUTO_TEST_CASE(cross_attention_and_recurrence_replace_the_layers_they_name) {
  const std::string cross = "\n[cross_attention]\nlayers = [1, 4]\nsource_tokens = 100\nheads = 8\nkv_heads = 2\nhead_dim = 8\n" + cited;
  BOOST_TEST(layers_that(good(good_model + cross), mixes<CrossAttention>) == "010010");
  const std::string recurrent =
      "\n[recurrent]\nlayers = [0, 1, 2]\nstate_elements = 512\nconv_elements = 12\nvectors = 7\nops_per_token = 3072\n"
      "matrices = [{ role = \"ssm_in\", rows = 32, columns = 64 }]\n" + cited;
  const ModelSpec m = good(good_model + recurrent);
  BOOST_TEST(layers_that(m, mixes<RecurrentMixer>) == "111000");
  const auto& r = std::get<RecurrentMixer>(m.layers[0].mixer);
  BOOST_TEST(r.matrices[0].role == "ssm_in");
  BOOST_TEST(r.matrices[0].rows == 32);
  BOOST_TEST(r.state_elements == 512);
  BOOST_TEST(r.ops_per_token == 3072.0);
  refuse(replaced(good_model + cross, "[1, 4]", "[1, 6]"), "6]", "'layers'");
  refuse(replaced(good_model + cross, "[1, 4]", "[-1]"), "-1]", "'layers'");
}

// Each says two things about one layer, or leaves a layer without any.
BOOST_AUTO_TEST_CASE(layers_are_described_once) {
  const std::string window = good_model + "\n[window]\nsize = 32\nkind = \"sliding\"\n" + cited;
  refuse(window + "full_every = 3\nfull_layers = [0]\n", "[0]", "either 'full_every' or 'full_layers'");
  const std::string latent = "\n[latent_attention]\nkv_lora_rank = 16\nrope_dim = 4\nnope_dim = 8\nvalue_dim = 8\n" + cited;
  refuse(window + latent, "32\nkind", "[latent_attention]");
  const std::string cross = "\n[cross_attention]\nlayers = [1, 4]\nsource_tokens = 100\nheads = 8\nkv_heads = 2\nhead_dim = 8\n" + cited;
  refuse(replaced(good_model + cross, "source_tokens = 100\nheads = 8\nkv_heads = 2", "source_tokens = 100\nheads = 8\nkv_heads = 3"), "3\nhead_dim", "no multiple");
  const std::string recurrent = "\n[recurrent]\nlayers = [0, 1]\nstate_elements = 512\nmatrices = [{ role = \"ssm_in\", rows = 32, columns = 64 }]\n" + cited;
  refuse(good_model + cross + recurrent, "[0, 1]", "layer 1 stands twice");
  refuse(replaced(good_model + recurrent, "matrices = [{ role = \"ssm_in\", rows = 32, columns = 64 }]\n", ""), "[recurrent]", "missing key 'matrices'");
  refuse(replaced(good_model + recurrent, "{ role = \"ssm_in\", rows = 32, columns = 64 }", ""), "[]", "'matrices'");
  const std::size_t begin = good_model.find("[attention]");
  const std::string alone = good_model.substr(0, begin) + good_model.substr(good_model.find("[feed_forward]"));
  refuse(alone + recurrent, "[recurrent]", "does not cover every layer");
  good(replaced(alone + recurrent, "[0, 1]", "[0, 1, 2, 3, 4, 5]"));
}

bool shares(const Layer& layer) {
  const auto* a = std::get_if<GroupedQueryAttention>(&layer.mixer);
  return a != nullptr && a->shares_kv;
}
bool forwards(const Layer& layer) { return std::holds_alternative<DenseFeedForward>(layer.feed_forward); }
bool mixerless(const Layer& layer) { return std::holds_alternative<std::monostate>(layer.mixer); }

BOOST_AUTO_TEST_CASE(full_layers_may_have_heads_of_their_own) {
  const std::string window = good_model + "\n[window]\nsize = 32\nkind = \"sliding\"\nfull_every = 3\n" + cited;
  const std::string full = "\n[full_attention]\nkv_heads = 1\nhead_dim = 16\nvalue_from_key = true\n" + cited;
  const ModelSpec m = good(window + full);
  const auto& wide = std::get<GroupedQueryAttention>(m.layers[2].mixer);
  BOOST_TEST(wide.heads == 8);  // as [attention]
  BOOST_TEST(wide.kv_heads == 1);
  BOOST_TEST(wide.head_dim_v == 16);
  BOOST_TEST(wide.value_from_key);
  BOOST_TEST((wide.window_kind == WindowKind::none));
  const auto& usual = std::get<GroupedQueryAttention>(m.layers[3].mixer);
  BOOST_TEST(usual.head_dim_k == 8);
  BOOST_TEST(!usual.value_from_key);
  refuse(good_model + full, "16\nvalue", "[attention] and [window]");
  refuse(replaced(window + full, "value_from_key = true", "head_dim_v = 8\nvalue_from_key = true  # x"), "true  # x", "the keys' head_dim");
  refuse(replaced(window + full, "kv_heads = 1", "kv_heads = 3"), "3\nhead_dim", "no multiple");
}

BOOST_AUTO_TEST_CASE(the_last_layers_may_share_kv) {
  const ModelSpec m = good(replaced(good_model, "head_dim = 8", "head_dim = 8\nshared_kv_layers = 2\nidle_kv_weights = true"));
  BOOST_TEST(layers_that(m, shares) == "000011");
  BOOST_TEST(!std::get<GroupedQueryAttention>(m.layers[0].mixer).idle_kv_weights);
  BOOST_TEST(std::get<GroupedQueryAttention>(m.layers[5].mixer).idle_kv_weights);
  refuse("head_dim = 8", "head_dim = 8\nshared_kv_layers = 6", "6\nsource", "'shared_kv_layers'");
  refuse("head_dim = 8", "head_dim = 8\nidle_kv_weights = true", "true\nsource", "'shared_kv_layers'");
}

BOOST_AUTO_TEST_CASE(layers_may_be_one_block_each) {
  const std::string recurrent = "\n[recurrent]\nlayers = [0, 2]\nstate_elements = 512\nmatrices = [{ role = \"ssm_in\", rows = 32, columns = 64 }]\n" + cited;
  const std::string lists = replaced(replaced(good_model, "head_dim = 8", "head_dim = 8\nlayers = [4]"), "size = 128", "size = 128\nlayers = [1, 3, 5]");
  const ModelSpec m = good(lists + recurrent);
  BOOST_TEST(layers_that(m, mixes<RecurrentMixer>) == "101000");
  BOOST_TEST(layers_that(m, mixes<GroupedQueryAttention>) == "000010");
  BOOST_TEST(layers_that(m, forwards) == "010101");
  BOOST_TEST(layers_that(m, mixerless) == "010101");
  refuse(replaced(lists, "[1, 3, 5]", "[1, 3]") + recurrent, "[attention]", "layer 5 has no mixer");
  refuse(replaced(lists + recurrent, "layers = [0, 2]", "layers = [0, 4]"), "[0, 4]", "layer 4 is also one of [attention]");
  refuse(replaced(lists, "[4]", "[]") + recurrent, "[]\nsource", "'layers' in model.attention is empty");
  refuse(replaced(lists, "[4]", "[6]") + recurrent, "[6]", "'layers'");
}

BOOST_AUTO_TEST_CASE(feed_forwards_may_have_a_width_each) {
  const ModelSpec m = good(replaced(good_model, "size = 128", "sizes = [1, 2, 3, 4, 5, 6]"));
  BOOST_TEST(std::get<DenseFeedForward>(m.layers[3].feed_forward).size == 4);
  refuse("size = 128", "sizes = [1, 2]", "[1, 2]", "2 sizes for 6 layers");
  refuse("size = 128", "size = 128\nsizes = [1, 2, 3, 4, 5, 6]", "[1, 2, 3", "either 'size' or 'sizes'");
}

BOOST_AUTO_TEST_CASE(experts_may_be_listed_and_ungated) {
  const std::string moe = good_model + "\n[experts]\ncount = 8\ntop_k = 2\nsize = 32\nlayers = [1, 4]\ngated = false\n" + cited;
  BOOST_TEST(layers_that(good(moe), routed) == "010010");
  BOOST_TEST(!std::get<MixtureOfExperts>(good(moe).layers[1].feed_forward).gated);
  refuse(moe + "every = 2\n", "[1, 4]", "either 'layers' or 'every'");
}

BOOST_AUTO_TEST_CASE(known_recurrent_blocks_are_given_by_their_dimensions) {
  const std::string block = "\n[recurrent]\nlayers = [0, 1, 2]\nkind = \"mamba1\"\ninner = 128\nstate = 16\nrank = 4\nkernel = 4\n" + cited;
  const ModelSpec model = good(good_model + block);
  const auto& r = std::get<RecurrentMixer>(model.layers[0].mixer);
  BOOST_TEST(r.state_elements == 2048);  // 128 x 16
  BOOST_TEST(r.conv_elements == 384);    // 128 x 3
  refuse(replaced(good_model + block, "kernel = 4\n", ""), "[recurrent]", "'kernel'");
  refuse(replaced(good_model + block, "mamba1", "mamba3"), "\"mamba3\"", "'kind'");
  refuse(replaced(good_model + block, "rank = 4", "rank = 4\nheads = 2"), "2\nkernel", "no 'heads'");
  refuse(replaced(good_model + block, "rank = 4", "rank = 4\nstate_elements = 2"), "2\nkernel", "follows from 'kind'");
}

BOOST_AUTO_TEST_CASE(an_input_table_holds_the_vocabulary) {
  refuse("tied_embeddings = true", "tied_embeddings = true\nembedding_rows = 999", "999", "'embedding_rows'");
  BOOST_TEST(good(replaced(good_model, "tied_embeddings = true", "tied_embeddings = true\nembedding_rows = 1001")).embedding_rows == 1001);
}

BOOST_AUTO_TEST_CASE(roles_are_known) {
  const std::string tensor = "\n[[tensor]]\nrole = \"attn_qq\"\nrows = 10\ncolumns = 20\n" + cited;
  refuse(good_model + tensor, "\"attn_qq\"", "unknown tensor role 'attn_qq'");
  const std::string recurrent = "\n[recurrent]\nlayers = [0]\nstate_elements = 512\nmatrices = [{ role = \"ssm_inn\", rows = 32, columns = 64 }]\n" + cited;
  refuse(good_model + recurrent, "\"ssm_inn\"", "did you mean 'ssm_in'?");
}

BOOST_AUTO_TEST_CASE(extra_tensors) {
  const std::string tensor = "\n[[tensor]]\nrole = \"vision\"\nrows = 10\ncolumns = 20\ncount = 3\naccess = \"image_only\"\ncontainer = \"safetensors\"\nvector = true\n" + cited;
  const ModelSpec m = good(good_model + tensor);
  BOOST_REQUIRE(m.extra.size() == 1u);
  BOOST_TEST(m.extra[0].rows == 10);
  BOOST_TEST(m.extra[0].count == 3);
  BOOST_TEST((m.extra[0].access == Access::image_only));
  BOOST_TEST(m.extra[0].container == "safetensors");
  BOOST_TEST(m.extra[0].vector);
  BOOST_TEST(m.extra[0].parameter);
  BOOST_TEST(m.cites.size() == 4u);
  refuse(replaced(good_model + tensor, "image_only", "sometimes"), "\"sometimes\"", "'access'");
  refuse(replaced(good_model + tensor, "rows = 10", "rows = 0"), "0\ncolumns", "'rows'");
}

BOOST_AUTO_TEST_CASE(stated_parameters) {
  const ModelSpec m = good(good_model + "\n[parameters]\nstated = { value = 7e9, unit = \"params\", source = \"assumed\", note = \"a test\" }\n" + cited);
  BOOST_TEST(m.stated_parameters->value == 7e9);
  BOOST_TEST(!m.stated_active_parameters.has_value());
  const std::string bits = good_model + "\n[parameters]\nstated = { value = 7e9, unit = \"bit\", source = \"assumed\", note = \"a test\" }\n" + cited;
  refuse(bits, "\"bit\"", "wanted 'params'");
}

BOOST_AUTO_TEST_CASE(tables_and_keys_that_must_be_there) {
  for (const std::string key : {"layers = 6\n", "hidden = 64\n", "vocabulary = 1000\n", "context = 2048\n", "tied_embeddings = true\n", "norms_per_layer = 2\n"}) {
    refuse(key, "", "[dimensions]", "missing key '" + key.substr(0, key.find(' ')) + "'");
  }
  refuse("gated = true\n", "", "[feed_forward]", "missing key 'gated'");
  refuse("[attention]", "[attentoin]", "attentoin", "unknown key 'attentoin'");
  for (const std::string table : {"[dimensions]", "[feed_forward]"}) {
    const std::size_t begin = good_model.find(table);
    const std::string text = good_model.substr(0, begin) + good_model.substr(std::min(good_model.find("\n[", begin + 1), good_model.size()));
    BOOST_TEST(says(load_model(text, "x.toml").diagnostics, table), table);
  }
}

// The core computes with these numbers in int and allocates a layer each: the file may not ask for the impossible.
BOOST_AUTO_TEST_CASE(sizes_are_bounded) {
  for (const std::string value : {"0", "-1", "1000000000", "9223372036854775807"}) {
    refuse("layers = 6", "layers = " + value, value + "\nhidden", "'layers'");
    refuse("heads = 8", "heads = " + value, value + "\nkv_heads", "'heads'");
  }
  for (const std::string value : {"0", "-1", "9223372036854775807"}) {
    refuse("hidden = 64", "hidden = " + value, value + "\nvocabulary", "'hidden'");
    refuse("vocabulary = 1000", "vocabulary = " + value, value + "\ncontext", "'vocabulary'");
    refuse("context = 2048", "context = " + value, value + "\ntied", "'context'");
    refuse("size = 128", "size = " + value, value + "\ngated", "'size'");
  }
  refuse("kv_heads = 2", "kv_heads = 3", "3\nhead_dim", "kv_heads");
  refuse("kv_heads = 2", "kv_heads = 0", "0\nhead_dim", "'kv_heads'");
}

BOOST_AUTO_TEST_SUITE_END()
