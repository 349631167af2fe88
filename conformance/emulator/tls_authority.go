package emulator

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"slices"
	"time"
)

// How long an authority and its certificate are good. They begin in the past for clients whose clock is behind.
const (
	certBefore = time.Hour
	certAfter  = 48 * time.Hour
)

// newAuthority makes a local authority and one certificate of it, for the loopback names and hosts. It returns
// the pair and the authority's certificate as PEM. The authority's key is forgotten: it signs nothing else, so that who trusts
// it trusts this one certificate.
func newAuthority(now time.Time, hosts []string) (leaf tls.Certificate, ca []byte, err error) {
	root, err := certificate(now, "axbench emulator, local authority")
	if err != nil {
		return leaf, nil, err
	}
	root.IsCA, root.BasicConstraintsValid, root.MaxPathLenZero, root.KeyUsage = true, true, true, x509.KeyUsageCertSign
	rootKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return leaf, nil, fmt.Errorf("emulator: make a key: %w", err)
	}
	rootDER, err := x509.CreateCertificate(rand.Reader, root, root, &rootKey.PublicKey, rootKey)
	if err != nil {
		return leaf, nil, fmt.Errorf("emulator: make a local authority: %w", err)
	}
	site, err := certificate(now, "axbench emulator")
	if err != nil {
		return leaf, nil, err
	}
	site.KeyUsage, site.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	site.DNSNames, site.IPAddresses = siteNames(hosts)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return leaf, nil, fmt.Errorf("emulator: make a key: %w", err)
	}
	der, err := x509.CreateCertificate(rand.Reader, site, root, &key.PublicKey, rootKey)
	if err != nil {
		return leaf, nil, fmt.Errorf("emulator: make a certificate: %w", err)
	}
	leaf = tls.Certificate{Certificate: [][]byte{der, rootDER}, PrivateKey: key}
	return leaf, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: rootDER}), nil
}

// certificate is what both certificates have.
func certificate(now time.Time, name string) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 126))
	if err != nil {
		return nil, fmt.Errorf("emulator: make a serial number: %w", err)
	}
	return &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: name}, NotBefore: now.Add(-certBefore), NotAfter: now.Add(certAfter)}, nil
}

// siteNames are what the certificate stands for. An unspecified address stands for all of this machine's.
func siteNames(hosts []string) (names []string, addresses []net.IP) {
	names, addresses = []string{"localhost"}, []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	add := func(ip net.IP) {
		if !slices.ContainsFunc(addresses, ip.Equal) {
			addresses = append(addresses, ip)
		}
	}
	for _, host := range hosts {
		switch ip := net.ParseIP(host); {
		case ip == nil && !slices.Contains(names, host):
			names = append(names, host)
		case ip == nil:
		case !ip.IsUnspecified():
			add(ip)
		default:
			own, _ := net.InterfaceAddrs() // none when the system does not tell
			for _, a := range own {
				if n, ok := a.(*net.IPNet); ok {
					add(n.IP)
				}
			}
		}
	}
	return names, addresses
}
