"""Message types from the descriptor sets of the build, at run time: the demo generates no code."""
import pathlib

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory


class Messages:
    """The types of the descriptor set files in a directory, imports included in each."""

    def __init__(self, directory, names):
        pool = descriptor_pool.DescriptorPool()
        added = set()
        for name in names:
            files = descriptor_pb2.FileDescriptorSet.FromString(pathlib.Path(directory, f"{name}.binpb").read_bytes())
            for file in files.file:
                if file.name not in added:
                    added.add(file.name)
                    pool.Add(file)
        self._pool, self._factory = pool, message_factory.MessageFactory(pool)

    def type(self, full_name):
        return self._factory.GetPrototype(self._pool.FindMessageTypeByName(full_name))

    def method(self, path):
        """Request and answer types of "package.Service/Method"."""
        service, _, name = path.partition("/")
        method = self._pool.FindServiceByName(service).methods_by_name[name]
        return self._factory.GetPrototype(method.input_type), self._factory.GetPrototype(method.output_type)

    def enum_name(self, full_name, number):
        return self._pool.FindEnumTypeByName(full_name).values_by_number[number].name
