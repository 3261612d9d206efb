package component

import (
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// The garbage collector must not start, and must not be at work, while the platform hands a request or a model's output
// in: Go allocates then, and a collector that begins or ends asks for the time, which is a call out of the component. The
// component model forbids that at this moment, and the sandbox traps. With Go's own pacing it takes some ten thousand
// requests, and then it happens.
//
// So it does not start by itself: it runs at the end of a call, to its own end, when what is on the heap has doubled. Within
// a call that allocates a lot it still starts, by the memory limit, which is far above what can be on the heap between two
// calls.
const (
	// Go's own least heap before a collection.
	leastHeap = 4 << 20
	// Room for one call's garbage above the heap between calls; in a sandbox of 64 MiB the collector starts in time.
	roomForCall = 48 << 20
)

var (
	heap     = []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	heapGoal uint64
)

func init() {
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(roomForCall)
	// Makes the table of metrics, which Go keeps.
	metrics.Read(heap)
}

// CollectGarbage ends a call.
func CollectGarbage() {
	if heapBytes() < max(heapGoal, leastHeap) {
		return
	}
	runtime.GC()
	live := heapBytes()
	heapGoal = 2 * live
	// Go begins at 70 % of the way from the live heap to the limit at the earliest, so this keeps 26 MiB above the goal free.
	debug.SetMemoryLimit(int64(min(3*live+roomForCall, math.MaxInt64)))
}

func heapBytes() uint64 {
	metrics.Read(heap)
	return heap[0].Value.Uint64()
}
