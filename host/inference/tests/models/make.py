"""Writes the models of this folder. Needs only `onnx` and `numpy`; run it again after a change here.

    python3 -m venv /tmp/onnx && /tmp/onnx/bin/pip install onnx numpy && /tmp/onnx/bin/python make.py
"""

import pathlib

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper as h
from onnx import numpy_helper

HERE = pathlib.Path(__file__).parent
OPSET = [h.make_opsetid("", 18)]


def save(name, nodes, inputs, outputs, weights=(), opset=OPSET, functions=()):
    graph = h.make_graph(nodes, name, inputs, outputs, initializer=list(weights))
    model = h.make_model(graph, opset_imports=opset, functions=list(functions), ir_version=9)
    (HERE / f"{name}.onnx").write_bytes(model.SerializeToString())


def value(name, element, shape):
    return h.make_tensor_value_info(name, element, shape)


def identity_of_every_element():
    elements = {
        "boolean": T.BOOL, "uint8": T.UINT8, "int8": T.INT8, "uint16": T.UINT16, "int16": T.INT16,
        "uint32": T.UINT32, "int32": T.INT32, "uint64": T.UINT64, "int64": T.INT64, "float16": T.FLOAT16,
        "bfloat16": T.BFLOAT16, "float32": T.FLOAT, "float64": T.DOUBLE, "bytes": T.STRING,
    }
    for name, element in elements.items():
        node = h.make_node("Identity", ["x"], ["y"])
        save(f"identity-{name}", [node], [value("x", element, [None, None])], [value("y", element, [None, None])])


def classifier():
    """4 -> 16 -> 3, the size of the iris example."""
    random = np.random.default_rng(7)
    weights = [
        numpy_helper.from_array(random.normal(size=shape).astype(np.float32), name)
        for name, shape in [("w1", (4, 16)), ("b1", (16,)), ("w2", (16, 3)), ("b2", (3,))]
    ]
    nodes = [
        h.make_node("Gemm", ["x", "w1", "b1"], ["h"]),
        h.make_node("Relu", ["h"], ["r"]),
        h.make_node("Gemm", ["r", "w2", "b2"], ["logits"]),
        h.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
    ]
    save("classifier", nodes, [value("x", T.FLOAT, ["n", 4])], [value("probabilities", T.FLOAT, ["n", 3])], weights)


def two_inputs():
    nodes = [h.make_node("Add", ["a", "b"], ["sum"]), h.make_node("Sub", ["a", "b"], ["difference"])]
    ins = [value("a", T.FLOAT, [None, 2]), value("b", T.FLOAT, [None, 2])]
    outs = [value("sum", T.FLOAT, [None, 2]), value("difference", T.FLOAT, [None, 2])]
    save("two-inputs", nodes, ins, outs)


def image():
    """A 602 KB input, summed: measures what handing over a large input costs."""
    node = h.make_node("ReduceMax", ["image"], ["max"], keepdims=0)
    save("image", [node], [value("image", T.FLOAT, [1, 3, 224, 224])], [value("max", T.FLOAT, [])])


def loop():
    """Adds one to `x` `rounds` times: stoppable between two rounds."""
    body = h.make_graph(
        [h.make_node("Add", ["v", "one"], ["v_out"]), h.make_node("Identity", ["c"], ["c_out"])],
        "body",
        [value("i", T.INT64, []), value("c", T.BOOL, []), value("v", T.FLOAT, [1])],
        [value("c_out", T.BOOL, []), value("v_out", T.FLOAT, [1])],
        [numpy_helper.from_array(np.array([1], np.float32), "one")],
    )
    yes = numpy_helper.from_array(np.array(True), "yes")
    node = h.make_node("Loop", ["rounds", "yes", "x"], ["y"], body=body)
    save("loop", [node], [value("rounds", T.INT64, []), value("x", T.FLOAT, [1])], [value("y", T.FLOAT, [1])], [yes])


def expand():
    """Writes `x` in the asked shape: a small input, a large output."""
    node = h.make_node("Expand", ["x", "shape"], ["y"])
    save("expand", [node], [value("x", T.FLOAT, [1]), value("shape", T.INT64, [1])], [value("y", T.FLOAT, [None])])


def any_rank():
    x, y = h.make_tensor_value_info("x", T.FLOAT, None), h.make_tensor_value_info("y", T.FLOAT, None)
    save("any-rank", [h.make_node("Neg", ["x"], ["y"])], [x], [y])


def returned_input():
    """Returns `x` itself next to what it computes."""
    x = value("x", T.FLOAT, [2])
    save("returned-input", [h.make_node("Neg", ["x"], ["y"])], [x], [x, value("y", T.FLOAT, [2])])


def local_function():
    function = h.make_function(
        "here", "Twice", ["v"], ["w"], [h.make_node("Add", ["v", "v"], ["w"])], [h.make_opsetid("", 18)]
    )
    save(
        "local-function", [h.make_node("Twice", ["x"], ["y"], domain="here")], [value("x", T.FLOAT, [1])],
        [value("y", T.FLOAT, [1])], opset=OPSET + [h.make_opsetid("here", 1)], functions=[function],
    )


def refused():
    x = value("x", T.FLOAT, [1])
    sequence = h.make_tensor_sequence_value_info("parts", T.FLOAT, None)
    save("refused-sequence-output", [h.make_node("SequenceConstruct", ["x"], ["parts"])], [x], [sequence])
    save("refused-sequence-input", [h.make_node("ConcatFromSequence", ["parts"], ["y"], axis=0)],
         [h.make_tensor_sequence_value_info("parts", T.FLOAT, None)], [value("y", T.FLOAT, [None])])
    save("refused-complex-input", [h.make_node("Identity", ["x"], ["y"])], [value("x", T.COMPLEX64, [1])],
         [value("y", T.COMPLEX64, [1])])
    node = h.make_node("Anything", ["x"], ["y"], domain="com.example")
    save("refused-custom-operator", [node], [x], [value("y", T.FLOAT, [1])],
         opset=OPSET + [h.make_opsetid("com.example", 1)])

    def external(name):
        weight = T(name=name, data_type=T.FLOAT, dims=[1], data_location=T.EXTERNAL)
        weight.external_data.add(key="location", value="weights.bin")
        return weight

    save("refused-external-weight", [h.make_node("Add", ["x", "w"], ["y"])], [x], [value("y", T.FLOAT, [1])],
         [external("w")])
    # The same, hidden in a constant of a branch of a subgraph.
    branch = h.make_graph([h.make_node("Constant", [], ["k"], value=external("hidden"))], "branch", [],
                          [value("k", T.FLOAT, [1])])
    condition = numpy_helper.from_array(np.array(True), "condition")
    save("refused-external-constant", [h.make_node("If", ["condition"], ["y"], then_branch=branch, else_branch=branch)],
         [x], [value("y", T.FLOAT, [1])], [condition])


def rows():
    """Rows that do not depend on each other, in every way that joined runs meet them.

    Takes as long as the largest of `rounds` says, stoppable between two rounds. Fails if an `index` is not 0 to 2.
    Returns each `x` doubled, and the word and the number at each `index`.
    """
    body = h.make_graph(
        [h.make_node("Add", ["v", "zero"], ["v_out"]), h.make_node("Identity", ["c"], ["c_out"])],
        "body",
        [value("i", T.INT64, []), value("c", T.BOOL, []), value("v", T.FLOAT, [1])],
        [value("c_out", T.BOOL, []), value("v_out", T.FLOAT, [1])],
        [numpy_helper.from_array(np.array([0], np.float32), "zero")],
    )
    weights = [
        numpy_helper.from_array(np.array(True), "yes"),
        numpy_helper.from_array(np.array([0], np.float32), "nothing"),
        numpy_helper.from_array(np.array(["zero", "", "two"], object), "words"),
        numpy_helper.from_array(np.array([0, 10, 20], np.int64), "numbers"),
    ]
    nodes = [
        h.make_node("ReduceMax", ["rounds"], ["most"], keepdims=0),
        h.make_node("Loop", ["most", "yes", "nothing"], ["waited"], body=body),
        h.make_node("Add", ["x", "x"], ["twice"]),
        h.make_node("Add", ["twice", "waited"], ["doubled"]),
        h.make_node("Gather", ["words", "index"], ["word"]),
        h.make_node("Gather", ["numbers", "index"], ["number"]),
    ]
    ins = [value("x", T.FLOAT, ["n", "m"]), value("rounds", T.INT64, ["n"]), value("index", T.INT64, ["n"])]
    outs = [value("doubled", T.FLOAT, ["n", "m"]), value("word", T.STRING, ["n"]), value("number", T.INT64, ["n"])]
    save("rows", nodes, ins, outs, weights)


def not_rows():
    """Models whose first dimension is open and is no place for the rows of others."""
    x, y = value("x", T.FLOAT, ["n", 2]), value("y", T.FLOAT, ["n", 2])
    save("dependent-rows", [h.make_node("Softmax", ["x"], ["y"], axis=0)], [x], [y])
    save("twice-the-rows", [h.make_node("Concat", ["x", "x"], ["y"], axis=0)], [x], [value("y", T.FLOAT, ["k", 2])])
    # Says that it takes any number of rows, and fails on more than one.
    axes = numpy_helper.from_array(np.array([0], np.int64), "axes")
    nodes = [
        h.make_node("Squeeze", ["x", "axes"], ["row"]),
        h.make_node("Shape", ["x"], ["shape"]),
        h.make_node("Expand", ["row", "shape"], ["y"]),
    ]
    save("one-row", nodes, [x], [y], [axes])
    # Different each time: there is nothing to compare joined rows with.
    save("random-rows", [h.make_node("RandomUniformLike", ["x"], ["y"])], [x], [y])


def one_operator():
    """Nearly all of its time is in one product of two matrices of `size` x `size`, which nothing stops."""
    nodes = [
        h.make_node("Concat", ["size", "size"], ["shape"], axis=0),
        h.make_node("Expand", ["x", "shape"], ["a"]),
        h.make_node("MatMul", ["a", "a"], ["product"]),
        h.make_node("ReduceSum", ["product"], ["y"], keepdims=0),
    ]
    save("one-operator", nodes, [value("x", T.FLOAT, [1]), value("size", T.INT64, [1])], [value("y", T.FLOAT, [])])


def quotient():
    """Whole numbers, the second of which may be 0."""
    ins = [value("a", T.INT32, [1]), value("b", T.INT32, [1])]
    save("quotient", [h.make_node("Div", ["a", "b"], ["y"])], ins, [value("y", T.INT32, [1])])


def labels():
    """A classifier of `ai.onnx.ml` alone, whose probabilities end in maps from a class's number to its probability."""
    node = h.make_node(
        "LinearClassifier", ["x"], ["label", "scores"], domain="ai.onnx.ml",
        coefficients=[1.0, 0.0, 0.0, 1.0], intercepts=[0.0, 0.0], classlabels_ints=[10, 20], post_transform="SOFTMAX",
    )
    maps = h.make_node(
        "ZipMap", ["scores"], ["probabilities"], domain="ai.onnx.ml", classlabels_int64s=[10, 20],
    )
    of_maps = h.make_value_info(
        "probabilities", h.make_sequence_type_proto(h.make_map_type_proto(T.INT64, h.make_tensor_type_proto(T.FLOAT, []))),
    )
    save(
        "labels", [node, maps], [value("x", T.FLOAT, [None, 2])], [value("label", T.INT64, [None]), of_maps],
        opset=[h.make_opsetid("ai.onnx.ml", 3)],
    )


for make in (
    identity_of_every_element, classifier, two_inputs, image, loop, expand, any_rank, returned_input,
    local_function, refused, rows, not_rows, one_operator, quotient, labels,
):
    make()
