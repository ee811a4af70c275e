"""Messages and methods from FileDescriptorSet files at run time: the process-level tests generate no code."""
import pathlib

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory


class Descriptors:
    """The types of one or more descriptor set files, imports included in each."""

    def __init__(self, paths):
        self._pool = descriptor_pool.DescriptorPool()
        self._factory = message_factory.MessageFactory(self._pool)
        seen = set()
        for path in paths:
            for file in descriptor_pb2.FileDescriptorSet.FromString(pathlib.Path(path).read_bytes()).file:
                if file.name not in seen:
                    seen.add(file.name)
                    self._pool.Add(file)

    def message(self, full_name):
        """The message class of that name."""
        return self._factory.GetPrototype(self._pool.FindMessageTypeByName(full_name))

    def method(self, service, name):
        return self._pool.FindServiceByName(service).methods_by_name[name]

    def enum_values(self, full_name):
        """Value descriptors of an enum, in order."""
        return self._pool.FindEnumTypeByName(full_name).values

    def detail(self, any_message):
        """One detail of a google.rpc.Status as {"type", "value"}; value is null for a type nobody told us of."""
        type_name = any_message.type_url.rpartition("/")[2]
        try:
            value = json_format.MessageToDict(self.message(type_name).FromString(any_message.value))
        except KeyError:
            value = None
        return {"type": type_name, "value": value}
