package testphone

import "math"

// Loudness tells how loud a frequency is in samples of 8 kHz, by Goertzel's algorithm: the share of the power of all of them
// that is in it, from 0 (not there) to 1 (nothing else is).
func Loudness(samples []int16, frequency float64) float64 {
	if len(samples) == 0 {
		return 0
	}
	k := 2 * math.Cos(2*math.Pi*frequency/8000)
	var a, b, power float64
	for _, s := range samples {
		v := float64(s)
		a, b = v+k*a-b, a
		power += v * v
	}
	if power == 0 {
		return 0
	}
	return 2 * (a*a + b*b - k*a*b) / (float64(len(samples)) * power)
}

// Tone gives samples of a frequency from a place on.
func Tone(frequency float64, from, n int) []int16 {
	out := make([]int16, n)
	for i := range out {
		out[i] = int16(8000 * math.Sin(2*math.Pi*frequency*float64(from+i)/8000))
	}
	return out
}
