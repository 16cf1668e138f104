"""The engine's primitives on TensorFlow."""

import contextlib

import tensorflow as tf
from keras import tree
from tensorflow.python.framework.ops import gradient_registry

from kgan.engine.batches import scaled

SHARD = 3_900_000  # bytes of a file of a SavedModel's weights: what holds code and models wants small ones


def gradient(loss, variables):
    """Value of the scalar `loss()` and its gradient for `variables`."""
    tensors = [variable.value for variable in variables]
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(tensors)
        value = loss()
    return value, tape.gradient(value, tensors)


def record(function, variables):
    """Outputs of `function()`, detached, and the map that pulls a gradient at the outputs back to `variables` through
    that same pass.
    """
    tensors = [variable.value for variable in variables]
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(tensors)
        outputs = function()

    def pull_back(directions):
        return tape.gradient(outputs, tensors, output_gradients=directions)

    return tree.map_structure(tf.stop_gradient, outputs), pull_back


def input_gradient(function, inputs, differentiable=True):
    """`function(inputs)` and the gradient of the sum of its outputs at `inputs`, a tensor or several.

    Raises:
        ValueError: `differentiable`, but through an operation whose gradient TensorFlow cannot differentiate.
    """
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(inputs)
        outputs = function(inputs)
    if not differentiable:
        return outputs, tape.gradient(outputs, inputs, unconnected_gradients="zero")
    scale = tf.ones((), outputs.dtype)
    with tf.GradientTape(watch_accessed_variables=False) as again:
        again.watch(scale)
        before = 0 if tf.executing_eagerly() else len(outputs.graph.get_operations())
        weights = scale * tf.ones_like(outputs)
        direction = tape.gradient(outputs, inputs, output_gradients=weights, unconnected_gradients="zero")
    if tf.executing_eagerly():
        is_cut = _is_cut(again, direction, scale)
    else:
        is_cut = any(_cuts(operation.type) for operation in outputs.graph.get_operations()[before:])
    if is_cut:
        raise ValueError(
            "A penalty on this network's gradient would not move it as it should, for TensorFlow cannot differentiate "
            "the gradient of a smooth resize: use interpolation='nearest', AveragePooling2D or a convolution of stride "
            "2, or set KERAS_BACKEND=jax (or torch), which can for 'bilinear'."
        )
    return outputs, direction


def _cuts(kind):
    """Whether an operation that a gradient is made of ends every gradient of that gradient, mostly without a word."""
    if not kind.endswith(("Grad", "Gradient")):
        return False
    try:
        return gradient_registry.lookup(kind) is None
    except LookupError:
        return True


def _is_cut(tape, direction, scale):
    """The same of a gradient that is there: it is in proportion to `scale`,
    which says what its own gradient must be.
    """
    try:
        found = tape.gradient(direction, scale, output_gradients=direction)
    except LookupError:
        return True
    parts = [tf.cast(part, "float32") for part in tree.flatten(direction)]
    squares = sum(tf.reduce_sum(tf.square(part)) for part in parts)
    found = 0.0 if found is None else tf.cast(found, "float32")
    return bool(tf.abs(found - squares) > 0.05 * squares)


def gradients_at(function, inputs, variables):
    """`function(inputs)`, a scalar, its gradient at `inputs` (a structure of tensors) and that for `variables`, None
    where there is none.
    """
    tensors = [variable.value for variable in variables]
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch([tree.flatten(inputs), tensors])
        value = function(inputs)
    directions, gradients = tape.gradient(value, (tree.flatten(inputs), tensors))
    directions = [
        tf.zeros_like(one) if direction is None else direction
        for one, direction in zip(tree.flatten(inputs), directions)
    ]
    return value, tree.pack_sequence_as(inputs, directions), gradients


def apply(optimizer, gradients, variables):
    """Let `optimizer` move `variables`."""
    optimizer.apply(gradients, variables)


def replicas():
    """How many replicas take the step together: each one's gradient is summed with the others'."""
    return tf.distribute.get_strategy().num_replicas_in_sync


def share(count):
    """Of the samples of a step: how many the replicas before this one have, and how many all have together, where this
    one has `count`.
    """
    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:
        return 0, count
    counts = context.all_reduce(
        "sum", count * tf.one_hot(context.replica_id_in_sync_group, context.num_replicas_in_sync, dtype="int32")
    )
    return tf.reduce_sum(counts[: context.replica_id_in_sync_group]), tf.reduce_sum(counts)


def returned(value):
    """A number as a step returns it: Keras takes the mean over the workers of several machines along an axis, which it
    must have.
    """
    many = isinstance(tf.distribute.get_strategy(), tf.distribute.MultiWorkerMirroredStrategy)
    return tf.reshape(value, (1,)) if many else value


def compiling():
    """Whether this code runs once, to be compiled: no variable may be created then."""
    return not tf.executing_eagerly()


def double_precision():
    """A context in which float64 is float64: TensorFlow needs none."""
    return contextlib.nullcontext()


class BackendTrainer:
    """What Keras' TensorFlow trainer needs to play a game: data without tf.data's autotuner.

    The destructor of a tf.data iterator waits for the autotuner's thread, which can hold `fit` back for up to a minute
    at its end.
    """

    def global_random_states(self):
        """None: all random state is in Keras' `SeedGenerator`s."""
        return {}

    def restore_global_random_states(self, states):
        """Nothing to restore."""

    def _maybe_symbolic_build(self, iterator=None, data_batch=None):
        """Nothing: the networks are built. Keras would take the mean over replicas of the first batch, which fails
        where their shares differ in size.
        """

    def variables_scope(self):
        """The context in which variables of this model's kind are created: its distribution strategy's."""
        return self.distribute_strategy.scope()

    def least_of_all_workers(self, number):
        """The least of an integer of each worker's."""
        strategy = self.distribute_strategy
        if not isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
            return number
        numbers = strategy.experimental_distribute_values_from_function(lambda context: tf.constant([number]))
        return int(tf.reduce_min(strategy.gather(numbers, axis=0)))

    def feed(self, batches, training=True):
        """The `Batches` as a `tf.data.Dataset`: gathered and scaled outside Python, in the order of the epoch that
        `batches` says it is.
        """
        devices, count = self.distribute_strategy.num_replicas_in_sync, batches.count
        # An evaluation can do with an empty share; of one in training BatchNorm's gradient is no number.
        for size in {min(count, batches.batch_size), count % batches.batch_size} - {0} if training else ():
            if size <= (devices - 1) * -(-size // devices):
                raise ValueError(
                    f"A batch of {size} leaves one of {devices} devices without a sample: change `batch_size` or the "
                    f"number of samples."
                )
        options = tf.data.Options()
        # Each of several machines reads all of them and keeps its share of every batch.
        options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.DATA
        return without_autotuner(_pipeline(batches).with_options(options))

    def own_stream(self, data, check):
        """A user's `tf.data.Dataset` with its autotuner off, each batch looked at by `check`;
        None for any other data.
        """
        return without_autotuner(looked_at(data, check)) if isinstance(data, tf.data.Dataset) else None


def looked_at(dataset, check):
    """The data set, each of whose batches goes to `check` as numpy arrays on its way."""

    def look(*arrays):
        check(tf.nest.pack_sequence_as(dataset.element_spec, arrays))
        return True

    def watched(*batch):
        batch = batch if len(batch) > 1 else batch[0]
        with tf.control_dependencies([tf.numpy_function(look, tf.nest.flatten(batch), tf.bool)]):
            return tf.nest.map_structure(tf.identity, batch)

    return dataset.map(watched)


def write_saved_model(model, filepath):
    """Write a Keras model as a SavedModel with the endpoint `serve`. (Keras' own writer stores each weight twice.)"""

    def spec(tensor):
        return tf.TensorSpec(tensor.shape, tensor.dtype, name=tensor.name)

    def serve(inputs):
        return model(inputs, training=False)

    def serve_by_name(*inputs):
        outputs = tree.flatten(serve(list(inputs) if len(inputs) > 1 else inputs[0]))
        return {f"output_{index}": output for index, output in enumerate(outputs)}

    signature, module = [spec(tensor) for tensor in model.inputs], tf.Module()
    module.weights = [variable.value for variable in model.variables]
    module.serve = tf.function(serve, input_signature=[signature if len(signature) > 1 else signature[0]])
    by_name = tf.function(serve_by_name, input_signature=signature)
    shards = tf.train.experimental.MaxShardSizePolicy(max_shard_size=SHARD)
    options = tf.saved_model.SaveOptions(experimental_sharding_callback=shards)
    tf.saved_model.save(module, filepath, signatures={"serving_default": by_name}, options=options)


def without_autotuner(dataset):
    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.with_options(options)


def _pipeline(batches):
    size, steps = batches.batch_size, len(batches)
    names, arrays = list(batches.streams), [tf.constant(array) for array in batches.streams.values()]
    planned = names[:1] if batches.aligned else names  # aligned streams have one plan
    columns = 1 + batches.jitter.columns

    def take(*plans):
        plans = plans if len(plans) == len(arrays) else plans * len(arrays)
        return batches.pack(scaled(_taken(batches.jitter, array, plan)) for array, plan in zip(arrays, plans))

    def slices(*plans):
        def rows(step):
            return tuple(plan[step * size : (step + 1) * size] for plan in plans)

        return tf.data.Dataset.range(steps).map(rows)

    def plan(name):
        return tf.ensure_shape(tf.numpy_function(lambda: batches.plan(name), [], tf.int64), [None, columns])

    def plans(_):
        return tuple(plan(name) for name in planned)

    # (`Dataset.from_generator` would do, but slows the steps.)
    dataset = tf.data.Dataset.range(1).map(plans).flat_map(slices).map(take, num_parallel_calls=2, deterministic=True)
    return dataset.apply(tf.data.experimental.assert_cardinality(steps)).prefetch(8)


def _taken(jitter, array, plan):
    """`Jitter.taken` of tensors."""
    rows = tf.gather(array, plan[:, 0])
    if not jitter or len(array.shape) != 4:
        return rows
    y, x = jitter.places(plan, *array.shape[1:3], clip=tf.clip_by_value)
    return tf.gather(tf.gather(rows, y, axis=1, batch_dims=1), x, axis=2, batch_dims=1)
