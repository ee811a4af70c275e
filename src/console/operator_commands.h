// The methods of ndx.console.v1.OperatorService, in groups.
//
// Thread-safety: registered code is thread-safe and blocks. Ownership: node and the other arguments
// outlive the methods.
#pragma once

#include <memory>

#include "ndx/console/doubt_tally.h"
#include "ndx/console/export_slot.h"
#include "ndx/console/operator_methods.h"
#include "ndx/console/operator_node.h"
#include "ndx/console/verification_record.h"
#include "ndx/console/worker_pool.h"
#include "ndx/transport/event_loop.h"

namespace ndx::console {

// ListExchanges, ListRecords, RebuildSearchIndex, GetExchange, GetReceipt, VerifyJournal.
void AddJournalMethods(const OperatorNode& node, VerificationRecord& verification,
                       OperatorMethods& methods);

// ListAnchors.
void AddAnchorMethod(const OperatorNode& node, OperatorMethods& methods);

// TailExchanges. The loop's timer says when to look again.
void AddTailMethod(const OperatorNode& node, transport::EventLoop& loop, WorkerPool& workers,
                   OperatorMethods& methods);

// ReplayExchange, ResolveExchange. The workers are shared because a provider may answer after the
// operator API has stopped; its answer then finds a pool that takes no more.
void AddExchangeMethods(const OperatorNode& node, const std::shared_ptr<WorkerPool>& workers,
                        OperatorMethods& methods);

// Of the export service: ExportLeaves, ExportExchanges.
void AddExportMethods(const OperatorNode& node, ExportSlots& slots, OperatorMethods& methods);

// Of the report service: ReportSubjects.
void AddSubjectReportMethod(const OperatorNode& node, ExportSlots& slots, OperatorMethods& methods);

// Of the key service: ListJournalKeys, RotateSigningKey.
void AddKeyMethods(const OperatorNode& node, OperatorMethods& methods);
// Of the backup service: BackUpJournal.
void AddBackupMethod(const OperatorNode& node, OperatorMethods& methods);

// Of the payload keeper service, where the node has a keeper: erasures and legal holds.
void AddKeeperMethods(const OperatorNode& node, OperatorMethods& methods);

// Of the certificate service, where the node has a deny list: DenyCertificate, AllowCertificate,
// ListDeniedCertificates.
void AddCertificateMethods(const OperatorNode& node, OperatorMethods& methods);

// Of the mailbox service, where the node keeps requests: GetMailbox, ListKept, StopDeliveries,
// ResumeDeliveries, RetryKept, DiscardKept.
void AddMailboxMethods(const OperatorNode& node, OperatorMethods& methods);

// Of the peer service, where the node has one: ListPeers, RefreshPeerServices.
void AddPeerMethods(const OperatorNode& node, OperatorMethods& methods);

// Of the retention service: GetRetention, ConfirmClock.
void AddRetentionMethods(const OperatorNode& node, OperatorMethods& methods);

// ListServices, GetDescriptors, CheckRegistry, ReloadRegistry.
void AddRegistryMethods(const OperatorNode& node, OperatorMethods& methods);

// Of the access service: ExplainAccess, ListFieldReaders.
void AddAccessMethods(const OperatorNode& node, OperatorMethods& methods);

// Of the access request service: RequestAccess, ListAccessRequests, AskForMore,
// AnswerAccessRequest, NarrowAccessRequest, ApproveAccessRequest, RefuseAccessRequest,
// WithdrawAccessRequest, ListExpiringGrants.
void AddAccessRequestMethods(const OperatorNode& node, OperatorMethods& methods);

// Of the registry change service: ProposeChange, ApproveProposal, WithdrawProposal, ListProposals,
// ListChanges, ExportRegistry.
void AddRegistryChangeMethods(const OperatorNode& node, OperatorMethods& methods);

// Of the replay task service, where the node keeps such tasks: PlanReplay, ListReplayTasks,
// GetReplayTask, ApproveReplay, RunReplay, PauseReplay, ResumeReplay, CancelReplay,
// ReadReplayDifference.
void AddReplayTaskMethods(const OperatorNode& node, OperatorMethods& methods);

// GetStatus.
void AddStatusMethod(const OperatorNode& node, const VerificationRecord& verification,
                     DoubtTally& doubts, OperatorMethods& methods);

}  // namespace ndx::console
