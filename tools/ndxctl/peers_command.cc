// ndxctl peers: other nodes, and the services that are offered through them.
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ndx/tools/ndxctl/ask.h"
#include "ndx/tools/ndxctl/command_line.h"
#include "ndx/tools/ndxctl/commands.h"
#include "ndx/tools/ndxctl/operator_client.h"
#include "ndx/tools/ndxctl/text_table.h"

namespace ndx::tools::ndxctl {
namespace {

using PeerStub = OperatorClient::PeerStub;
using PeerViews = google::protobuf::RepeatedPtrField<api::PeerView>;

void PrintPeers(const PeerViews& peers, Terminal& terminal) {
  TextTable table({std::string(terminal.Say("PEER", "NÚT LIÊN THÔNG")),
                   std::string(terminal.Say("ENDPOINT", "ĐỊA CHỈ")),
                   std::string(terminal.Say("RELAYS HERE", "CHUYỂN ĐẾN ĐÂY")),
                   std::string(terminal.Say("SERVICES", "DỊCH VỤ")),
                   std::string(terminal.Say("AS OF", "TÍNH ĐẾN")),
                   std::string(terminal.Say("TROUBLE", "SỰ CỐ"))});
  for (const api::PeerView& peer : peers) {
    table.AddRow(
        {peer.system(),
         Printable(peer.endpoint()),
         std::string(peer.relays_here() ? terminal.Say("yes", "có") : terminal.Say("no", "không")),
         peer.wanted_services().empty() ? "" : absl::StrCat(peer.services_size()),
         peer.has_feed_confirmed() ? TimeText(peer.feed_confirmed()) : "",
         {Printable(peer.feed_trouble()), Colour::kBad}});
  }
  table.Print(terminal);
}

void PrintListed(const api::ListPeersResponse& response, Terminal& terminal) {
  PrintPeers(response.peers(), terminal);
  if (response.awaited().empty()) return;
  terminal.out << terminal.Say("no feed has brought yet: ", "chưa có trong danh mục nào: ")
               << Printable(absl::StrJoin(response.awaited(), ", ")) << "\n";
}

}  // namespace

void AddPeersCommand(CommandLine& line) {
  command_options::Command peers = line.program().AddCommand(
      "peers", "Other nodes and the services offered through them (nút liên thông)");
  peers.RequireCommand();
  command_options::Command list =
      peers.AddCommand("list", "Lists peers, with the age of what is known of their services");
  line.Bind(list, "  ndxctl peers list", [&line] {
    return Ask(line, &PeerStub::ListPeers, api::ListPeersRequest(), PrintListed);
  });
  command_options::Command refresh =
      peers.AddCommand("refresh", "Asks every peer for its services now");
  line.Bind(refresh, "  ndxctl peers refresh", [&line] {
    return Ask(line, &PeerStub::RefreshPeerServices, api::RefreshPeerServicesRequest(),
               [](const api::RefreshPeerServicesResponse& response, Terminal& terminal) {
                 PrintPeers(response.peers(), terminal);
               });
  });
}

}  // namespace ndx::tools::ndxctl
