// Tells what it finds beside the model.
#include <mlwasm.hpp>

using mlwasm::Request, mlwasm::Response, mlwasm::Result;

struct Labels {
    std::string told;

    static Result<Labels> init() {
        MLWASM_LET(text, mlwasm::files::text("labels.txt"));
        MLWASM_LET(names, mlwasm::files::names());
        std::string labels(text.substr(0, text.size() - 1)), all;
        for (char &character : labels) {
            character = character == '\n' ? '+' : character;
        }
        for (const char *name : names) {
            all += (all.empty() ? "" : "+") + std::string(name);
        }
        if (mlwasm::files::read("nope.txt")) {
            return mlwasm::internal("nope.txt is there");
        }
        return Labels{labels + " of " + all + " in " + std::string(mlwasm::files::folder())};
    }

    Result<Response> run(const Request &) {
        MLWASM_LET(words, mlwasm::files::text("vocab/words.json"));
        return Response::text(words == "{}" ? told : "another file");
    }
};

MLWASM_SCORER_CLASS(Labels)
