#include <algorithm>

#include "import/toml_page.hpp"

namespace roofline::import {
namespace {

class FeedForwardTables : TomlPage {
 public:
  FeedForwardTables(const ModelSpec& model, const TomlOptions& options, std::string& out) : TomlPage(options, out), m_(model) {}

  void write() {
    const DenseFeedForward* dense = nullptr;
    const MixtureOfExperts* routed = nullptr;
    std::vector<std::size_t> dense_layers;
    std::vector<std::size_t> routed_layers;
    std::vector<std::size_t> sizes;
    bool uniform = true;
    bool mixer_less = false;
    for (std::size_t i = 0; i < m_.layers.size(); ++i) {
      const FeedForward& forward = m_.layers[i].feed_forward;
      const bool no_mixer = std::holds_alternative<std::monostate>(m_.layers[i].mixer);
      if (const auto* d = std::get_if<DenseFeedForward>(&forward)) {
        if (dense != nullptr && (d->gated != dense->gated || d->bias != dense->bias)) throw Unsaid{"feed-forwards of several kinds"};
        uniform = uniform && (dense == nullptr || d->size == dense->size);
        dense = d;
        dense_layers.push_back(i);
        mixer_less = mixer_less || no_mixer;
        sizes.push_back(static_cast<std::size_t>(d->size));
      } else if (const auto* e = std::get_if<MixtureOfExperts>(&forward)) {
        if (routed != nullptr && !same(*e, *routed)) throw Unsaid{"experts that differ from layer to layer"};
        routed = e;
        routed_layers.push_back(i);
        mixer_less = mixer_less || no_mixer;
        sizes.push_back(static_cast<std::size_t>(e->size));  // not used there
      } else {
        sizes.push_back(dense != nullptr ? static_cast<std::size_t>(dense->size) : 1);
      }
    }
    for (const Layer& layer : m_.layers) {
      if (std::holds_alternative<std::monostate>(layer.mixer) && std::holds_alternative<std::monostate>(layer.feed_forward)) throw Unsaid{"layers without anything in them"};
    }
    const bool any_recurrent = std::any_of(m_.layers.begin(), m_.layers.end(), [](const Layer& l) { return std::holds_alternative<RecurrentMixer>(l.mixer); });
    const bool any_attention = std::any_of(m_.layers.begin(), m_.layers.end(), [](const Layer& l) {
      return std::holds_alternative<GroupedQueryAttention>(l.mixer) || std::holds_alternative<LatentAttention>(l.mixer);
    });
    if (dense == nullptr && routed == nullptr && !any_recurrent) throw Unsaid{"attention without any feed-forward"};
    if (!any_attention && !any_recurrent) throw Unsaid{"models without attention to text"};
    const bool everywhere = dense_layers.size() + routed_layers.size() == m_.layers.size();
    if (dense != nullptr) {
      head("[feed_forward]");
      if (uniform) key("size", dense->size);
      else text("sizes = " + list(sizes) + "\n");
      key("gated", dense->gated);
      if (dense->bias) key("bias", true);
      // Without a list the table speaks for every layer that [experts] does not.
      if (!everywhere || mixer_less) text("layers = " + list(dense_layers) + "\n");
      source();
    }
    if (routed != nullptr) experts(*routed, routed_layers, dense == nullptr || dense->gated, everywhere && !mixer_less);
  }

 private:
  static bool same(const MixtureOfExperts& a, const MixtureOfExperts& b) {
    return a.size == b.size && a.count == b.count && a.top_k == b.top_k && a.shared_size == b.shared_size && a.gated == b.gated && a.router_bias == b.router_bias;
  }

  void experts(const MixtureOfExperts& e, const std::vector<std::size_t>& layers, bool usually_gated, bool by_rule) {
    head("[experts]");
    key("count", e.count);
    key("top_k", e.top_k);
    key("size", e.size);
    if (e.shared_size > 0) key("shared_size", e.shared_size);
    if (!by_rule || !placement(layers)) text("layers = " + list(layers) + "\n");
    if (e.gated != usually_gated) key("gated", e.gated);
    if (e.router_bias) key("router_bias", true);
    source();
  }

  // Layers from `first` on whose number is a multiple of `every`; false where they are no such choice.
  bool placement(const std::vector<std::size_t>& layers) {
    const std::size_t first = layers.front();
    for (std::size_t every = 1; every <= first + 1; ++every) {
      if ((first + 1) % every != 0) continue;
      std::vector<std::size_t> chosen;
      for (std::size_t i = first; i < m_.layers.size(); i += every) chosen.push_back(i);
      if (chosen != layers) continue;
      if (first + 1 > every) key("first_dense", static_cast<std::int64_t>(first));
      if (every > 1) key("every", static_cast<std::int64_t>(every));
      return true;
    }
    return false;
  }

  const ModelSpec& m_;
};

}  // namespace

void write_feed_forwards(const ModelSpec& model, const TomlOptions& options, std::string& out) { FeedForwardTables(model, options, out).write(); }

}  // namespace roofline::import
