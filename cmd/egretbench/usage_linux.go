package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// readUsage adds up what the processes of a group have used.
func readUsage(group int) (usage, error) {
	var sum usage
	members, err := groupMembers(group)
	if err != nil {
		return sum, err
	}
	for _, pid := range members {
		u, err := readMember(pid)
		if err != nil {
			return sum, err
		}
		sum.cpu += u.cpu
		sum.resident += u.resident
		sum.peak += u.peak
	}
	return sum, nil
}

// resetPeak makes the processes of a group count their peak anew (proc(5),
// clear_refs).
func resetPeak(group int) error {
	members, err := groupMembers(group)
	if err != nil {
		return err
	}
	for _, pid := range members {
		if err := os.WriteFile(procFile(pid, "clear_refs"), []byte("5"), 0); err != nil {
			return err
		}
	}
	return nil
}

// groupMembers finds the processes of a group.
func groupMembers(group int) ([]int, error) {
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	var members []int
	for _, file := range files {
		text, err := os.ReadFile(file) //nolint:gosec // of the glob above
		if gone(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		s, err := parseStat(string(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if s.group == group {
			members = append(members, s.pid)
		}
	}
	if len(members) == 0 {
		return nil, fmt.Errorf("process group %d has ended", group)
	}
	return members, nil
}

// readMember reads the resident memory from smaps_rollup, where the kernel
// counts it page by page. What status says is off by up to 32 pages for each
// processor; of the peak there is nothing better.
func readMember(pid int) (u usage, err error) {
	u.cpu, err = readCPU(pid)
	if err != nil {
		return u, err
	}
	for _, m := range []struct {
		to         *int64
		file, name string
	}{
		{&u.resident, "smaps_rollup", "Rss"},
		{&u.peak, "status", "VmHWM"},
	} {
		text, err := os.ReadFile(procFile(pid, m.file))
		if err != nil {
			return u, err
		}
		if *m.to, err = parseMemory(string(text), m.name); err != nil {
			return u, fmt.Errorf("%s: %w", procFile(pid, m.file), err)
		}
	}
	return u, nil
}

// readCPU adds up the time of a process's threads, to the nanosecond. Threads
// that have ended are not in it; those of the systems here stay. A kernel
// without schedstat tells the time of all threads in ticks.
func readCPU(pid int) (total time.Duration, err error) {
	files, err := filepath.Glob(procFile(pid, "task/*/schedstat"))
	if err != nil {
		return 0, err
	}
	if len(files) == 0 {
		return readTicks(pid)
	}
	for _, file := range files {
		text, err := os.ReadFile(file) //nolint:gosec // of the glob above
		if gone(err) {
			continue
		}
		if err != nil {
			return 0, err
		}
		ran, err := parseSchedstat(string(text))
		if err != nil {
			return 0, fmt.Errorf("%s: %w", file, err)
		}
		total += ran
	}
	return total, nil
}

func readTicks(pid int) (time.Duration, error) {
	text, err := os.ReadFile(procFile(pid, "stat"))
	if err != nil {
		return 0, err
	}
	s, err := parseStat(string(text))
	return s.cpu, err
}

func procFile(pid int, name string) string {
	return filepath.Join("/proc", strconv.Itoa(pid), name)
}
