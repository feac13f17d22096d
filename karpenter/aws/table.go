package aws

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// Prices are on-demand prices per hour by region and instance type.
type Prices map[string]map[string]float64

// ReadFacts reads a table of instance types: comma-separated values with a header line. Columns may stand in any order;
// name, vcpu, memory_mib and arch are needed, these are used where they are there: gpus, gpu_vendor, neuron_devices,
// nvme_gb, enis, ips_per_eni, branch_enis, net_mbps, spot (1 where it is sold), and usd_REGION for on-demand prices, with
// underscores for the hyphens of the region. An empty cell is an unknown fact. Other columns are passed over.
func ReadFacts(r io.Reader) ([]InstanceTypeInfo, Prices, error) {
	rows := csv.NewReader(r)
	rows.ReuseRecord = true
	header, err := rows.Read()
	if err != nil {
		return nil, nil, fmt.Errorf("%w: facts: header: %w", ErrInvalid, err)
	}
	column := map[string]int{}
	for i, name := range header {
		column[strings.TrimSpace(name)] = i
	}
	for _, name := range []string{"name", "vcpu", "memory_mib", "arch"} {
		if _, ok := column[name]; !ok {
			return nil, nil, fmt.Errorf("%w: facts: there is no column %s", ErrInvalid, name)
		}
	}
	prices := Prices{}
	for name := range column {
		if region, ok := strings.CutPrefix(name, "usd_"); ok {
			prices[strings.ReplaceAll(region, "_", "-")] = map[string]float64{}
		}
	}
	var infos []InstanceTypeInfo
	for {
		cells, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return infos, prices, nil
		}
		if err != nil {
			return nil, nil, fmt.Errorf("%w: facts: %w", ErrInvalid, err)
		}
		line, _ := rows.FieldPos(0)
		row := factsRow{column: column, cells: cells}
		info := row.info()
		row.prices(info.InstanceType, prices)
		if row.err == nil {
			row.err = info.Validate()
		}
		if row.err != nil {
			return nil, nil, fmt.Errorf("%w: facts: line %d: %w", ErrInvalid, line, row.err)
		}
		infos = append(infos, info)
	}
}

// factsRow is one line; err is the first cell that is no number.
type factsRow struct {
	column map[string]int
	cells  []string
	err    error
}

func (r *factsRow) text(name string) string {
	if i, ok := r.column[name]; ok {
		return strings.Clone(strings.TrimSpace(r.cells[i]))
	}
	return ""
}

func (r *factsRow) count(name string) int64 {
	text := r.text(name)
	if text == "" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if (err != nil || n < 0 || n > maxCount) && r.err == nil {
		r.err = fmt.Errorf("%s: %q is no count", name, text)
	}
	return n
}

func (r *factsRow) info() InstanceTypeInfo {
	info := InstanceTypeInfo{
		InstanceType:             r.text("name"),
		VCpuInfo:                 VCpuInfo{r.count("vcpu")},
		MemoryInfo:               MemoryInfo{r.count("memory_mib")},
		ProcessorInfo:            ProcessorInfo{SupportedArchitectures: []string{ec2Architecture(r.text("arch"))}},
		SupportedUsageClasses:    []string{"on-demand"},
		BranchInterfaces:         int(r.count("branch_enis")),
		NetworkBandwidthMegabits: int(r.count("net_mbps")),
	}
	if n := r.count("enis"); n > 0 {
		info.NetworkInfo = NetworkInfo{NetworkCards: []NetworkCardInfo{{MaximumNetworkInterfaces: n}}, Ipv4AddressesPerInterface: r.count("ips_per_eni")}
	}
	if r.text("spot") != "0" {
		info.SupportedUsageClasses = append(info.SupportedUsageClasses, "spot")
	}
	if n := r.count("gpus"); n > 0 {
		vendor := r.text("gpu_vendor")
		if strings.EqualFold(vendor, "nvidia") {
			vendor = "NVIDIA"
		}
		info.GpuInfo = &GpuInfo{Gpus: []GpuDeviceInfo{{Manufacturer: vendor, Count: n}}}
	}
	if n := r.count("neuron_devices"); n > 0 {
		info.NeuronInfo = &NeuronInfo{NeuronDevices: []NeuronDeviceInfo{{Count: n}}}
	}
	if n := r.count("nvme_gb"); n > 0 {
		info.InstanceStorageInfo = &InstanceStorageInfo{TotalSizeInGB: n, NvmeSupport: "supported"}
	}
	return info
}

func (r *factsRow) prices(name string, into Prices) {
	for region, list := range into {
		column := "usd_" + strings.ReplaceAll(region, "-", "_")
		text := r.text(column)
		if text == "" {
			continue
		}
		price, err := strconv.ParseFloat(text, 64)
		if (err != nil || price < 0 || math.IsNaN(price) || math.IsInf(price, 0)) && r.err == nil {
			r.err = fmt.Errorf("%s: %q is no price", column, text)
		}
		list[name] = price
	}
}

// ec2Architecture is EC2's name of an architecture that is written as Kubernetes or EC2 does.
func ec2Architecture(name string) string {
	if name == "amd64" {
		return "x86_64"
	}
	return name
}
