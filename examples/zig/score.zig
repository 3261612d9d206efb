//! The iris scorer in Zig, over the SDK for C: measurements of flowers in, species and probabilities out.
//!
//!     {"data": [[5.1, 3.5, 1.4, 0.2]]}
//!     {"predictions": [{"class": "setosa", "probabilities": {"setosa": 0.98, "versicolor": 0.02, "virginica": 0.0}}]}
//!
//! If the deployment sets MODEL_LABEL, such as iris-2, every answer carries it.
//!
//! JSON is Zig's own, in memory of the SDK: `allocator` hands out what lives until the call ends, and nothing is freed.

const std = @import("std");
const c = @cImport(@cInclude("mlwasm.h"));

extern fn zig_bad_request(text: [*:0]const u8) c.mlwasm_error;
extern fn zig_internal(text: [*:0]const u8) c.mlwasm_error;

const wanted = "4 numbers (sepal length, sepal width, petal length, petal width)";
const classes = [_][]const u8{ "setosa", "versicolor", "virginica" };

var model: c.mlwasm_model = undefined;

/// Why a call ended without an answer. The SDK's error is in `failure`: Zig's errors carry no text.
const Failed = error{ Failed, OutOfMemory, WriteFailed };
var failure: c.mlwasm_error = null;

export fn zig_init() c.mlwasm_error {
    return c.mlwasm_model_open("model", &model);
}

export fn zig_run(request: *const c.mlwasm_request, response: *c.mlwasm_response) c.mlwasm_error {
    run(request, response) catch |err| {
        return if (err == error.Failed) failure else zig_internal(@errorName(err));
    };
    return null;
}

fn run(request: *const c.mlwasm_request, response: *c.mlwasm_response) Failed!void {
    const flowers = try readFlowers(request.body[0..request.body_length]);
    const rows = flowers.len / 4;
    const sizes = [_]u32{ @intCast(rows), 4 };
    var input: c.mlwasm_tensor = undefined;
    try check(c.mlwasm_tensor_float32(&input, "input", .{ .sizes = &sizes, .rank = 2 }, flowers.ptr, flowers.len));
    var outputs: c.mlwasm_tensors = undefined;
    try check(c.mlwasm_model_infer(model, &input, 1, &outputs));

    const answer = Answer{ .predictions = try readPredictions(&outputs, rows), .model = std.posix.getenv("MODEL_LABEL") };
    const text = try std.json.Stringify.valueAlloc(allocator, answer, .{ .emit_null_optional_fields = false });
    c.mlwasm_respond(response, "application/json", text.ptr, text.len);
}

/// Reads four measurements for each flower, one after the other: at least one flower.
fn readFlowers(body: []const u8) Failed![]f32 {
    const Body = struct { data: []std.json.Value };
    // `.max_value_len` and nesting are bounded by the body, which the platform bounds.
    const parsed = std.json.parseFromSliceLeaky(Body, allocator, body, .{}) catch |err| {
        return badRequest("the body is not valid: {s}", .{@errorName(err)});
    };
    if (parsed.data.len == 0) return badRequest("data is empty, expected at least one row of " ++ wanted, .{});
    const flowers = try allocator.alloc(f32, 4 * parsed.data.len);
    for (parsed.data, 0..) |flower, row| {
        const numbers = switch (flower) {
            .array => |array| array.items,
            else => return badRequest("data[{d}] is {s}, expected " ++ wanted, .{ row, try toText(flower) }),
        };
        if (numbers.len != 4) return badRequest("data[{d}] has {d} elements, expected " ++ wanted, .{ row, numbers.len });
        for (numbers, 0..) |number, column| {
            flowers[4 * row + column] = toFloat(number) orelse
                return badRequest("data[{d}][{d}] is {s}, expected a number", .{ row, column, try toText(number) });
        }
    }
    return flowers;
}

fn toFloat(number: std.json.Value) ?f32 {
    const wide: f64 = switch (number) {
        .integer => |integer| @floatFromInt(integer),
        .float => |float| float,
        .number_string => |text| std.fmt.parseFloat(f64, text) catch return null,
        else => return null,
    };
    const narrow: f32 = @floatCast(wide);
    return if (std.math.isFinite(narrow)) narrow else null;
}

/// A value as text for messages, by the SDK, so that it reads as in the other languages.
fn toText(value: std.json.Value) Failed![]const u8 {
    const text = try std.json.Stringify.valueAlloc(allocator, value, .{});
    const request = c.mlwasm_request{ .body = text.ptr, .body_length = text.len };
    var again: ?*c.yyjson_val = null;
    try check(c.mlwasm_request_json(&request, &again));
    return std.mem.span(c.mlwasm_json_text(again));
}

const Answer = struct { predictions: []Prediction, model: ?[]const u8 };
const Prediction = struct { class: []const u8, probabilities: struct { setosa: f64, versicolor: f64, virginica: f64 } };

fn readPredictions(outputs: *const c.mlwasm_tensors, rows: usize) Failed![]Prediction {
    var label: [*c]const c.mlwasm_tensor = undefined;
    var probability: [*c]const c.mlwasm_tensor = undefined;
    try check(c.mlwasm_tensors_get(outputs, "label", &label));
    try check(c.mlwasm_tensors_get(outputs, "probabilities", &probability));
    var labels: [*c]const i64 = undefined;
    var values: [*c]const f32 = undefined;
    var label_count: usize = undefined;
    var value_count: usize = undefined;
    try check(c.mlwasm_read_int64(label, &labels, &label_count));
    try check(c.mlwasm_read_float32(probability, &values, &value_count));
    if (label_count != rows or value_count != 3 * rows) {
        return internal("for {d} rows the model gave {d} labels and {d} × 3 probabilities", .{ rows, label_count, value_count / 3 });
    }
    const predictions = try allocator.alloc(Prediction, rows);
    for (predictions, labels[0..rows], 0..) |*prediction, class, row| {
        if (class < 0 or class > 2) return internal("the model gave label {d}, expected 0 to 2", .{class});
        const of = values[3 * row .. 3 * row + 3];
        prediction.* = .{
            .class = classes[@intCast(class)],
            .probabilities = .{ .setosa = sixDecimals(of[0]), .versicolor = sixDecimals(of[1]), .virginica = sixDecimals(of[2]) },
        };
    }
    return predictions;
}

fn sixDecimals(probability: f32) f64 {
    return @round(@as(f64, probability) * 1e6) / 1e6;
}

fn check(found: c.mlwasm_error) error{Failed}!void {
    if (found == null) return;
    failure = found;
    return error.Failed;
}

fn badRequest(comptime format: []const u8, arguments: anytype) Failed {
    failure = zig_bad_request((try std.fmt.allocPrintSentinel(allocator, format, arguments, 0)).ptr);
    return error.Failed;
}

fn internal(comptime format: []const u8, arguments: anytype) Failed {
    failure = zig_internal((try std.fmt.allocPrintSentinel(allocator, format, arguments, 0)).ptr);
    return error.Failed;
}

/// Memory of the SDK, which is taken back when the call ends.
const allocator = std.mem.Allocator{ .ptr = undefined, .vtable = &.{
    .alloc = alloc,
    .resize = std.mem.Allocator.noResize,
    .remap = std.mem.Allocator.noRemap,
    .free = std.mem.Allocator.noFree,
} };

fn alloc(_: *anyopaque, length: usize, alignment: std.mem.Alignment, _: usize) ?[*]u8 {
    // The SDK aligns to 16; nothing here asks for more.
    std.debug.assert(alignment.toByteUnits() <= 16);
    return @ptrCast(c.mlwasm_alloc(length));
}
