package mlwasm

import (
	"io/fs"
	"os"
	"path/filepath"
)

// The files beside the models of the deployment: labels, vocabularies. They lie in one folder that can be read and nothing else;
// package os opens them, too. Read them when the scorer starts: a file that is read for a request keeps that request waiting for
// the disk. In a test, t.Setenv("AZUREML_MODEL_DIR", "testdata") says where they are.

// FilesFolder is the folder of the deployment's files.
func FilesFolder() string {
	if folder, isSet := os.LookupEnv("AZUREML_MODEL_DIR"); isSet {
		return folder
	}
	return "/model"
}

// FilePath is where the file of this name is, "labels.txt" or "vocab/words.json", whether or not there is one.
func FilePath(name string) string { return filepath.Join(FilesFolder(), filepath.FromSlash(name)) }

// ReadFile gives the bytes of a file, by its name in the deployment. The error names its path.
func ReadFile(name string) ([]byte, error) { return os.ReadFile(FilePath(name)) }

// Files is the deployment's files as a file system, for package fs: fs.WalkDir lists them.
func Files() fs.FS { return os.DirFS(FilesFolder()) }

// FileNames gives the names of all files, those in folders with their folders, by the alphabet. None if the deployment has none.
func FileNames() ([]string, error) {
	var names []string
	if _, err := os.Stat(FilesFolder()); err != nil {
		return nil, nil
	}
	err := fs.WalkDir(Files(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, name)
		}
		return err
	})
	return names, err
}
