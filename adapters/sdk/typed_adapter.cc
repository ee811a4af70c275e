#include "ndx/adapters/sdk/typed_adapter.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "ndx/adapters/sdk/request_check.h"
#include "ndx/core/limits.h"
#include "ndx/core/status_macros.h"
#include "ndx/options/v1/options.pb.h"

namespace ndx::sdk {
namespace {

using google::protobuf::Message;
using google::protobuf::MessageFactory;
using google::protobuf::MethodDescriptor;

size_t MessageBytesMax(const MethodDescriptor& method) {
  const uint32_t own = method.options().GetExtension(options::v1::method).message_bytes_max();
  return own == 0 ? core::kMessageBytesDefault : std::min<size_t>(own, core::kMessageBytesMax);
}

bool Changes(const MethodDescriptor& method) {
  return method.options().GetExtension(options::v1::method).effect() != options::v1::EFFECT_READ;
}

std::unique_ptr<Message> NewMessage(const google::protobuf::Descriptor& type) {
  return std::unique_ptr<Message>(MessageFactory::generated_factory()->GetPrototype(&type)->New());
}

const google::protobuf::ServiceDescriptor& ControlService() {
  return *adapter::v1::DescribeRequest::descriptor()->file()->FindServiceByName("AdapterService");
}

}  // namespace

// A call between Begin and its Finish. Dropped unserved, it answers that nothing was done.
class TypedAdapter::QueuedCall {
 public:
  QueuedCall(TypedAdapter& adapter, const MethodTable::Method& method, AdapterCall call,
             std::shared_ptr<AdapterReply> reply)
      : adapter_(adapter), method_(method), call_(std::move(call)), reply_(std::move(reply)) {
    tracked_ = Changes(*method_.descriptor) && !call_.idempotency_key.empty();
    if (!tracked_) return;
    core::MutexLock lock(adapter_.mutex_);
    adapter_.running_.insert(call_.idempotency_key);
  }
  ~QueuedCall() { End(absl::UnavailableError("the adapter is stopping, nothing was done")); }
  QueuedCall(const QueuedCall&) = delete;
  QueuedCall& operator=(const QueuedCall&) = delete;

  void Run() { End(adapter_.Serve(method_, call_, *reply_)); }

  // Answers, once.
  void End(absl::Status status) {
    if (reply_ == nullptr) return;
    if (tracked_) {
      core::MutexLock lock(adapter_.mutex_);
      adapter_.running_.erase(adapter_.running_.find(call_.idempotency_key));
    }
    if (status.ok()) ++adapter_.answered_.at(method_.descriptor->full_name());
    std::exchange(reply_, nullptr)->Finish(std::move(status));
  }

 private:
  TypedAdapter& adapter_;
  const MethodTable::Method& method_;
  const AdapterCall call_;
  std::shared_ptr<AdapterReply> reply_;
  bool tracked_ = false;
};

TypedAdapter::TypedAdapter(const core::Clock& clock, AdapterDescriptor descriptor,
                           MethodTable methods, std::unique_ptr<AdapterBackend> backend,
                           TypedAdapterOptions options)
    : clock_(clock),
      descriptor_(std::move(descriptor)),
      methods_(std::move(methods)),
      control_methods_(ControlMethods()),
      backend_(std::move(backend)),
      serving_since_(clock.Now()),
      workers_(std::move(options.workers)),
      control_({.threads = 1, .queue_max = options.control_queue_max, .name = "control"}) {
  NDX_CHECK(methods_.FirstUnserved().empty());
  for (const MethodTable* table : {&methods_, &control_methods_}) {
    for (const auto& [path, method] : table->methods()) answered_[method.descriptor->full_name()];
  }
}

TypedAdapter::~TypedAdapter() {
  workers_.Stop();
  control_.Stop();
}

void TypedAdapter::Begin(AdapterCall call, std::shared_ptr<AdapterReply> reply) {
  if (const MethodTable::Method* method = methods_.Find(call.method)) {
    return BeginOn(workers_, *method, std::move(call), std::move(reply));
  }
  if (const MethodTable::Method* method = control_methods_.Find(call.method)) {
    return BeginOn(control_, *method, std::move(call), std::move(reply));
  }
  reply->Finish(absl::UnimplementedError(
      absl::StrCat("adapter ", descriptor_.name, " does not serve this method")));
}

void TypedAdapter::BeginOn(WorkerPool& pool, const MethodTable::Method& method, AdapterCall call,
                           std::shared_ptr<AdapterReply> reply) {
  if (call.idempotency_key.size() > kIdempotencyKeyBytesMax) {
    reply->Finish(absl::InvalidArgumentError("the idempotency key is too long"));
    return;
  }
  auto queued = std::make_unique<QueuedCall>(*this, method, std::move(call), std::move(reply));
  QueuedCall& kept = *queued;
  WorkerPool::Task task = [queued = std::move(queued)] { queued->Run(); };
  if (!pool.TryRun(task)) {
    kept.End(absl::ResourceExhaustedError("the adapter's queue is full, nothing was done"));
  }
}

absl::Status TypedAdapter::Serve(const MethodTable::Method& method, const AdapterCall& call,
                                 AdapterReply& reply) {
  CallContext context(call, &reply, clock_);
  NDX_RETURN_IF_ERROR(context.Check());
  const auto request = NewMessage(*method.descriptor->input_type());
  if (call.request == nullptr || !request->ParseFromString(*call.request)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the request is no ", method.descriptor->input_type()->full_name()));
  }
  NDX_RETURN_IF_ERROR(CheckRequest(*request));
  if (method.unary != nullptr) return ServeUnary(method, *request, reply, context);
  MessageStream answers(reply, MessageBytesMax(*method.descriptor));
  return method.stream(*request, answers, context);
}

absl::Status TypedAdapter::ServeUnary(const MethodTable::Method& method, const Message& request,
                                      AdapterReply& reply, CallContext& context) {
  const auto answer = NewMessage(*method.descriptor->output_type());
  NDX_RETURN_IF_ERROR(method.unary(request, *answer, context));
  NDX_ASSIGN_OR_RETURN(MessageBytes bytes,
                       SerializeAnswer(*answer, MessageBytesMax(*method.descriptor)));
  reply.SendMessage(std::move(bytes));
  return absl::OkStatus();
}

MethodTable TypedAdapter::ControlMethods() {
  MethodTable table(ControlService());
  table.Unary("Describe", *this, &TypedAdapter::Describe);
  table.Unary("CheckHealth", *this, &TypedAdapter::CheckHealth);
  table.Unary("GetExchangeStatus", *this, &TypedAdapter::GetExchangeStatus);
  return table;
}

absl::Status TypedAdapter::Describe(const adapter::v1::DescribeRequest&,
                                    adapter::v1::DescribeResponse& answer, CallContext&) {
  answer.set_name(descriptor_.name);
  answer.set_version(descriptor_.version);
  answer.set_database_name_vi(descriptor_.database_name_vi);
  for (const std::string& service : descriptor_.services) answer.add_services(service);
  answer.set_descriptors(descriptor_.descriptors.SerializeAsString());
  return absl::OkStatus();
}

absl::Status TypedAdapter::CheckHealth(const adapter::v1::CheckHealthRequest&,
                                       adapter::v1::CheckHealthResponse& answer,
                                       CallContext& context) {
  const absl::Status database = backend_->CheckDatabase(context);
  if (context.cancelled()) return absl::CancelledError("the caller has gone");
  absl::Time since;
  {
    core::MutexLock lock(mutex_);
    if (serving_ != database.ok()) serving_since_ = clock_.Now();
    serving_ = database.ok();
    since = serving_since_;
  }
  answer.set_serving(database.ok());
  answer.set_detail(std::string(database.message()));
  answer.mutable_since()->set_seconds(absl::ToUnixSeconds(since));
  for (const auto& [name, count] : answered_) {
    if (count > 0) (*answer.mutable_calls())[name] = count;
  }
  return absl::OkStatus();
}

absl::Status TypedAdapter::GetExchangeStatus(const adapter::v1::GetExchangeStatusRequest& request,
                                             adapter::v1::GetExchangeStatusResponse& answer,
                                             CallContext& context) {
  {
    core::MutexLock lock(mutex_);
    if (running_.count(request.exchange_id()) > 0) {
      answer.set_outcome(adapter::v1::EXCHANGE_OUTCOME_RUNNING);
      return absl::OkStatus();
    }
  }
  NDX_ASSIGN_OR_RETURN(answer, backend_->FindExchange(request.exchange_id(), context));
  return absl::OkStatus();
}

}  // namespace ndx::sdk
