// Methods of the peer service: other nodes and their services.
#include "ndx/console/operator_commands.h"
#include "ndx/console/peer_desk.h"
#include "ndx/console/v1/peer_service.pb.h"

namespace ndx::console {

void AddPeerMethods(const OperatorNode& node, OperatorMethods& methods) {
  if (node.peer_desk == nullptr) return;
  methods.AddUnary<v1::ListPeersRequest, v1::ListPeersResponse>(
      "ListPeers", settings::v1::OPERATOR_ROLE_VIEWER,
      [&node](const auto&, const auto&) { return node.peer_desk->List(); });
  methods.AddUnary<v1::RefreshPeerServicesRequest, v1::RefreshPeerServicesResponse>(
      "RefreshPeerServices", settings::v1::OPERATOR_ROLE_ADMINISTRATOR,
      [&node](const auto&, const auto&) {
        node.peer_desk->Refresh();
        v1::RefreshPeerServicesResponse response;
        *response.mutable_peers() = std::move(*node.peer_desk->List().mutable_peers());
        return response;
      });
}

}  // namespace ndx::console
