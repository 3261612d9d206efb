"""What is asked, and what is answered."""

import unittest
from array import array

from mlwasm import BadRequest, Response, rawdata
from mlwasm.testing import call, post, post_json


class Requests(unittest.TestCase):
    def test_mistakes_of_the_body_are_bad_requests_with_their_place(self) -> None:
        with self.assertRaisesRegex(BadRequest, r"^the body is not valid: .* at line 2 column \d+$"):
            post("application/json", '{"a":\n  1 2}').json()
        with self.assertRaisesRegex(BadRequest, "^the body is not text: invalid utf-8 from byte 1 on$"):
            post("text/plain", b"a\xff").text()
        with self.assertRaisesRegex(BadRequest, "^the body is not valid: invalid utf-8 from byte 0 on$"):
            post("application/json", b"\xff").json()
        with self.assertRaisesRegex(BadRequest, "too many levels"):
            post("application/json", "[" * 100_000).json()
        self.assertEqual(post_json({"a": "ü"}).json(), {"a": "ü"})

    def test_parameters_are_decoded_and_the_first_counts(self) -> None:
        request = post_json({}, query="n=1%2B1&n=2&flag&a+b=%C3%BC&bad=%zz&")
        expected = [("n", "1+1"), ("n", "2"), ("flag", ""), ("a b", "ü"), ("bad", "%zz")]
        self.assertEqual(request.query_params(), expected)
        self.assertEqual(request.query_param("n"), "1+1")
        self.assertEqual(request.query_param("flag"), "")
        self.assertIsNone(request.query_param("none"))

    def test_headers_are_found_in_any_case(self) -> None:
        request = post_json({}, headers=[("x-note", "ü".encode()), ("x-raw", b"\xff")])
        self.assertEqual(request.header("X-Note"), "ü")
        self.assertEqual(request.header("x-raw"), "\ufffd")
        self.assertIsNone(request.header("none"))

    def test_a_run_of_azure_gets_its_text(self) -> None:
        import json

        @rawdata
        def run(raw_data: str) -> list:
            return json.loads(raw_data)["data"]

        self.assertEqual(run(post_json({"data": [1]})), [1])
        with self.assertRaisesRegex(BadRequest, "the body is not valid: .* at line 1 column 2"):
            run(post("application/json", "{"))

    def test_a_mistake_in_json_that_is_not_the_clients_stays_one(self) -> None:
        import json

        @rawdata
        def run(raw_data: str) -> object:
            return json.loads("{ours")

        with self.assertRaises(json.JSONDecodeError):
            run(post("application/json", "{}"))


class Responses(unittest.TestCase):
    def test_what_run_returns_decides_the_type(self) -> None:
        cases = [
            ("ü", "text/plain; charset=utf-8", "ü".encode()),
            (b"\x00", "application/octet-stream", b"\x00"),
            (bytearray(b"a"), "application/octet-stream", b"a"),
            ({"a": "ü"}, "application/json", '{"a":"ü"}'.encode()),
            ([1, None, True], "application/json", b"[1,null,true]"),
            ({"a": array("f", [0.5])}, "application/json", b'{"a":[0.5]}'),
            (None, "application/json", b"null"),
            (0, "application/json", b"0"),
            (Response("x", status=201), "text/plain; charset=utf-8", b"x"),
            (Response(b"x", content_type="image/png"), "image/png", b"x"),
        ]
        for returned, content_type, body in cases:
            with self.subTest(repr(returned)):

                class Scorer:
                    @staticmethod
                    def run(_request: object) -> object:
                        return returned

                response = call(Scorer, post_json({}))
                self.assertEqual((response.content_type, response.body), (content_type, body))

    def test_what_has_no_json_is_refused(self) -> None:
        for value in (object(), {"a": object()}):
            with self.assertRaisesRegex(TypeError, "object has no JSON"):
                Response.json(value)
        with self.assertRaises(ValueError):
            Response.json(float("nan"))
        with self.assertRaisesRegex(TypeError, "use Response.json for values"):
            Response({})  # type: ignore[arg-type]

    def test_a_status_is_200_to_599(self) -> None:
        for status in (200, 599):
            self.assertEqual(Response.json({}, status=status).status, status)
        for status in (199, 600, 200.5, "200", True):
            with self.subTest(status), self.assertRaises(ValueError):
                Response.json({}, status=status)  # type: ignore[arg-type]

    def test_headers_are_bytes_under_names_in_lower_case(self) -> None:
        response = Response.json({}, headers={"X-A": "ü", "b": b"\x01"})
        self.assertEqual(response.headers, [("x-a", "ü".encode()), ("b", b"\x01")])


if __name__ == "__main__":
    unittest.main()
