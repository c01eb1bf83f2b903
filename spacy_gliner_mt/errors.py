"""All messages: a code, the offending value, and what to do next."""


class QueryError(ValueError):
    """A query that cannot be asked of a text, while others can: it is skipped, counted and told."""


class RefusalError(ValueError):
    """A request that was refused, as all others would be."""


class Errors:
    GM001 = "[GM001] '{setting}' must be a list of strings, or a mapping of names to texts, but is {values!r}. A single one is written ['...']."
    GM002 = "[GM002] '{setting}' holds {value!r}, which is empty or no string. Remove it from {values!r}."
    GM003 = "[GM003] '{setting}' holds {values} more than once. Remove all but one."
    GM004 = "[GM004] The threshold {name!r} must be a probability from 0 to 1, but is {value!r}."
    GM005 = "[GM005] 'thresholds' names {names}, which nothing is called here. Correct them to one of {known}, or add the labels they are for."
    GM006 = "[GM006] '{component}' has nothing to look for. Give it labels in its config, in `nlp.initialize`, through `add_label`, or for one Doc as `doc._.gliner = {{'labels': [...]}}`."
    GM007 = "[GM007] '{name}' is {value!r}, but must be {type}."
    GM008 = "[GM008] '{name}' is {value!r}, but must be a whole number of at least {least}."
    GM009 = "[GM009] `doc._.gliner` must map settings of the component to values, but is {value!r}. The settings are {names}."
    GM010 = "[GM010] The label {label!r}... has {length} subtokens, but at most {room} fit into the prompt. Shorten its description."
    GM011 = "[GM011] The instruction {instruction!r}... has {words} words and leaves no room for the text. Shorten it."
    GM012 = "[GM012] The text has {words} words, of which the model reads {fit} at once. Set on_overflow = 'window' to read all of it, or 'warn' to cut it."
    GM014 = "[GM014] 'summary_limit' is {value}, but it can only limit these, from 0 to at most: {limits}."
    GM013 = "[GM013] The name {name!r} in '{setting}' cannot be a key of a config: spaCy would read it back as another. Choose one without ':', '=', line breaks, spaces around it, or '#', ';', '[', '@' at its start."

    GM020 = "[GM020] There is no checkpoint {name!r}: it is no folder, no hub id ('owner/name'), and none of the built-in ones, which are {built_in}."
    GM021 = "[GM021] The checkpoint {name!r} is a folder and has no revision {revision!r}. Only a hub id takes one."
    GM022 = "[GM022] The checkpoint {name!r} (revision {revision!r}) cannot be had from the hub. Check name and revision, log in if it is gated, or point `checkpoint` to a local folder. The hub's client says: {error}"
    GM023 = "[GM023] The checkpoint {folder} has no {name!r}. Set `graph` to one of the ONNX files it has, which are {graphs}, or leave it out."
    GM024 = "[GM024] The checkpoint {folder} has several ONNX files. Set `graph` to the one to run: {graphs}."

    GM030 = "[GM030] The folder {folder} has no weights. One of {names} must be there."
    GM031 = "[GM031] The folder {folder} holds an exported graph (ONNX or OpenVINO) and no weights. Give the checkpoint it was exported from."
    GM032 = "[GM032] The weights {path} are damaged or cut off. Fetch them again. The reader says: {error}"
    GM033 = "[GM033] The weights {path} are no plain tensors: the pickle is damaged or carries code, which is not run. Ask for safetensors. The reader says: {error}"
    GM034 = "[GM034] The bytes are no model of this package, or damaged: {error}"
    GM035 = "[GM035] The folder {folder} has no {name}, so it is no GLiNER checkpoint. Point `checkpoint` to the folder that has it."
    GM036 = "[GM036] The config {path} is no JSON: {error}"
    GM037 = "[GM037] The tokenizer of {folder} cannot be had from {source!r}. Put a tokenizer.json into the folder. transformers says: {error}"

    GM040 = "[GM040] The checkpoint is of another kind of GLiNER: {kind}. Only token-level checkpoints (span_mode 'token_level') can be used, such as knowledgator/gliner-multitask-large-v0.5."
    GM041 = "[GM041] The checkpoint (span_mode {span_mode!r}) has no scorer, so it is no token-level GLiNER. Its tensors start with {names}."
    GM042 = (
        "[GM042] The checkpoint has no word embeddings that are known here. Its tensors start with {names}."
    )
    GM043 = "[GM043] The tensors are not those of the network. Missing: {missing}. Unexpected: {unexpected}. Of another shape: {misshapen}. Check encoder_config in the checkpoint's gliner_config.json."
    GM044 = "[GM044] The vocabulary does not match: the tokenizer has {tokens} tokens, the word embeddings {rows} rows. Tokenizer and weights are of different checkpoints."
    GM045 = "[GM045] The checkpoint has no encoder_config, and that of {name!r} cannot be had. Add it to gliner_config.json. transformers says: {error}"
    GM046 = "[GM046] The checkpoint's tokenizer.json is damaged: {error}"
    GM047 = "[GM047] The checkpoint's tokenizer has no {tokens}, which frame the labels of every prompt. It is not the tokenizer that was trained with."
    GM048 = "[GM048] transformers cannot build the encoder of the checkpoint from {config}. It says: {error}"
    GM049 = "[GM049] 'thresholds' in the checkpoint's gliner_config.json is {value!r}, but must have a probability for some of {known}. Correct it."

    GM050 = "[GM050] More than one task would write to the span groups {names}. Choose other names for prompts, or another 'spans_key'."
    GM051 = "[GM051] 'relations' allows {names} as heads or tails, but these are no labels. The labels are {labels}."
    GM052 = "[GM052] Relations have no heads: 'relation_heads' is 'own', and there are no labels to find them by. Give it labels, or set relation_heads = 'ents' to take the entities of an earlier component."
    GM053 = "[GM053] The relation {relation} was stored for another text, or another tokenization than this Doc's. Annotate the Doc again."
    GM054 = "[GM054] The checkpoint was not trained for {task!r}, only for {tasks}. Leave the setting out, or use another checkpoint."
    GM056 = "[GM056] 'summary_sentences' is set, but the Doc has no sentences. Add a component that finds them before this one, such as 'sentencizer'."
    GM057 = "[GM057] 'relations' allows {pairs}, but a pair is [head label, tail label]. Correct {relations}."
    GM055 = "[GM055] 'tasks' names {names}, which no installed package has registered. There are {known}."

    GM060 = (
        "[GM060] The gold answer {text!r} has no question. Make its span with `Span(..., span_id=question)`."
    )
    GM061 = "[GM061] `doc.user_data['summary']` must be the text of a gold summary, but is {value!r}. Make it a string, or leave it out and annotate `doc.spans['summary']`."

    GM070 = "[GM070] Relations are drawn for a Doc, but this is {value!r}. Pass a Doc that the component has annotated, or several."

    GM080 = "[GM080] The spans {spans} (start and end token, label) are annotated as entities, and in `doc.spans[{key!r}]` as no entities. Remove them from one of the two."
    GM081 = "[GM081] '{name}' is {value!r}, but must be a number of at least 0."
    GM082 = "[GM082] The sampler's template is {value!r}, but must hold {{corpus}} where the name of a text's corpus belongs. Put it in, or leave the template empty."
    GM083 = "[GM083] Hard negatives are drawn by vectors of labels, but there is nothing that makes them. Pass `embed`, or choose other negatives."
    GM084 = "[GM084] 'frozen_layers' is {value!r}, but the encoder has {layers} layers. Choose a number from 0 (its embeddings only) to that, or none to train all of it."
    GM085 = "[GM085] The reference {text!r}... cannot be learned from. {error}"
    GM086 = "[GM086] The loss is {loss}, so that training cannot go on. Lower the learning rate, or check the checkpoint with `spacy gliner inspect`."
    GM087 = "[GM087] None of the {texts} references so far is annotated for anything that '{component}' is asked for, nor were those of the initialization. Compare its settings, such as 'labels', with the labels of `doc.ents` and `doc.spans`, or give the references settings of their own as `doc._.gliner`."
    GM088 = "[GM088] What is surely right (confidence {confidence}) must have a higher score than what is surely nothing (doubt {doubt}). Lower --doubt or raise --confidence."
    GM089 = "[GM089] '{name}' is an exported graph, which cannot be trained. Train the checkpoint that it was exported from, and export it again with `spacy gliner export-onnx`."

    GM090 = "[GM090] '{name}' is run by onnxruntime, which is not installed. Install it with `pip install spacy-gliner-mt[onnxruntime]`, or use a checkpoint that has weights."
    GM091 = "[GM091] onnxruntime cannot read '{name}'. Export or fetch it again. It says: {error}"
    GM092 = "[GM092] '{name}' is not the graph of a token-level GLiNER, which takes {inputs} and gives {output!r}: it takes {takes} and gives {gives}. Choose another `graph`, or export one with `spacy gliner export-onnx`."
    GM093 = "[GM093] '{name}' gives logits of the shape {shape}, where {new} (start, end and inside last) or {old} (first) was expected. Graph and tokenizer are of different checkpoints, or it is not the graph of a token-level GLiNER."
    GM094 = "[GM094] '{output}' exists already. Remove it, or choose another folder."
    GM095 = "[GM095] The exported graph gives other logits than the checkpoint: they differ by up to {difference:.2g}. Nothing was written. Try the versions of torch, transformers and onnxruntime that this package is tested with."
    GM096 = "[GM096] The export needs the package {package!r}, which is not installed. Install it with `pip install spacy-gliner-mt[export]`."

    GM100 = "[GM100] Cannot read '{path}'. Give a file that ends in one of {suffixes}, or '-' for lines of text from standard input."
    GM101 = "[GM101] Line {number} of '{path}' must be a JSON object with a string under 'text', but is {line:.80}. Correct it, or remove the line."
    GM102 = "[GM102] The settings of {text} cannot be used. {error}"
    GM103 = (
        "[GM103] '{path}' is no DocBin. Write it with `DocBin.to_disk`, or give it the suffix of what it is."
    )
    GM104 = "[GM104] Line {number} of '{path}' is not UTF-8 ({error}). Convert the file, for example with `iconv -t UTF-8`."
    GM105 = (
        "[GM105] Cannot write '{output}': its folder does not exist. Create it, or choose another --output."
    )
    GM106 = "[GM106] There is nothing to look for in {text}. Pass --labels 'person,company' or another task's option, give the text settings of its own (.jsonl), or use a pipeline that has some."
    GM107 = "[GM107] Left out {texts}, because '{name}' failed: {error}"
    GM108 = "[GM108] There is no word in the text {text!r}, so the model reads nothing of it. Give one with letters or digits."
    GM109 = "[GM109] The tensors {names} hold infinities or values that are no numbers. Save the checkpoint again, in float32 if it overflowed."
    GM110 = "[GM110] There is no file '{path}'. Give the path of one, or '-' for lines of text from standard input."
    GM111 = "[GM111] {option} takes NAME=VALUE, but was given {text!r}. Put a name and '=' before the value."
    GM112 = "[GM112] The 'gliner' in line {number} of '{path}' must be an object of settings and their values, but is {value!r}. Correct it, or remove it."

    GM200 = "[GM200] '{path}' cannot be decompressed: {error}. Fetch it again, or take the '.gz' off its name if it is not compressed."
    GM201 = "[GM201] Line {number} of '{path}' is no record of a corpus ({error}). Correct it, or remove the line: {line:.80}"
    GM202 = "[GM202] The task {value!r} is unknown. The tasks are {tasks}."
    GM203 = "[GM203] The text is blank. Give it words, or leave it out."
    GM204 = "[GM204] A record of the task {task!r} needs a question or instruction. Write it under 'prompt'."
    GM205 = "[GM205] The span {start}-{end} ends before it has started. Ends are exclusive: '0, 3' is the first three characters."
    GM206 = "[GM206] The span {start}-{end} lies outside the text, which has {length} characters. Offsets count the characters of 'text', not its bytes or words."
    GM207 = "[GM207] The span {start}-{end} holds nothing but spaces. Correct its offsets."
    GM208 = "[GM208] The label {label!r} is blank. Give it a name, or leave it out."
    GM209 = "[GM209] The labels {names} are used, but are not among 'labels'. Add them there, or leave 'labels' out if nobody knows which ones are annotated."
    GM210 = "[GM210] A corpus has no path. Set it in the config, or as in `spacy train --paths.train FILE --paths.dev FILE`."
    GM211 = "[GM211] 'tasks' names {names}, but a corpus may hold only {tasks}."
    GM212 = "[GM212] There is no record in {paths}{tasks}. Check the path, and whether whatever wrote the file went wrong."
    GM213 = "[GM213] None of the {total} records in {paths} has labels, or anything else that could be asked. List under 'labels' what is annotated."
    GM214 = "[GM214] There is no corpus '{path}'. Give the path of a file or folder."
    GM215 = "[GM215] There is no corpus in '{path}'. It must be, or hold, files that end in {suffixes}. `spacy gliner convert` makes them from other formats."

    GM220 = "[GM220] There is no format {name!r}. There are {known}; other packages can add some through the entry point group 'spacy_gliner_mt_converters'."
    GM221 = "[GM221] There is nothing in '{path}' that the format '{format}' could be read from. Check the path and the format. Left out were: {counts}."
    GM222 = "[GM222] '{path}' is not of the form that is expected ({place}: {error}). Check the format, or correct the file."
    GM223 = "[GM223] Line {number} of '{path}' has no word with a tag such as 'O' or 'B-person' in its last column. Correct it: {line:.80}"
    GM224 = "[GM224] The ends in '{path}' are exclusive, it seems: {count} entities end behind the last word, and none has one word only. GLiNER's ends are the last word itself. Subtract 1 from each."
    GM225 = "[GM225] Cannot write '{path}': a corpus ends in one of {suffixes}. Give it such a name."

    GM230 = "[GM230] The answer holds no JSON object: {error}."
    GM231 = "[GM231] The answer lacks {keys}."
    GM232 = "[GM232] The answer is of another form than was asked for ({place}: {error})."
    GM233 = "[GM233] The environment variable {name!r} holds no key. Set it, or take 'api_key_env' out of the config if the endpoint wants none."
    GM234 = "[GM234] {url} answers with status {status}: {text:.300}"
    GM235 = "[GM235] {url} answers otherwise than OpenAI's chat completions do: {text:.300}"
    GM236 = "[GM236] Texts are added to '{path}' one by one, which needs a name that ends in '.jsonl'."
    GM237 = "[GM237] The last {count} requests have failed, so there is no use in going on: {error} What there is has been written. Correct the config, or come back later, and start again: only what is missing will be asked."
    GM238 = "[GM238] '{path}' is no config of a synthesis ({place}: {error}). It needs a section [synthesis] with 'texts' and 'output', and one [synthesis.model] that names a model, such as @misc = 'spacy-gliner-mt.ChatModel.v1'."
    GM239 = "[GM239] '@llm_models' are those of spacy-llm, which is not installed. Install it with `pip install spacy-gliner-mt[llm]`."
    GM240 = "[GM240] There is no text in '{path}'."
    GM247 = "[GM247] The source {name!r} has nothing to draw: {path!r} holds no record of its tasks and labels. Correct it, or leave the source out."
    GM241 = "[GM241] A run goes on with a checkpoint or starts from an encoder, but checkpoint = {checkpoint!r} and encoder = {encoder!r}. Set exactly one of them."
    GM242 = "[GM242] The recipe has no sources. Add at least one as [pretraining.sources.NAME]."
    GM243 = "[GM243] The encoder {encoder!r} cannot be had. Give a folder or a hub id of a transformer with its tokenizer. transformers says: {error}"
    GM244 = "[GM244] The state in '{path}' is of another network: {names} differ. Resume with the recipe it was started with, or choose another folder."
    GM245 = "[GM245] The config '{path}' has no section [pretraining]. Take configs/pretrain_stage2.cfg as an example."
    GM246 = "[GM246] The folder '{folder}' has the state of a run already. Pass --resume to go on with it, or choose another folder."


class Warnings:
    GMW01 = "[GMW01] A text has {words} words, of which {truncated} were not read. Set on_overflow = 'window' to read all of it. `doc._.gliner_report` tells it for each Doc."
    GMW02 = "[GMW02] Some spans do not fit spaCy's tokens and were left out. Set alignment_mode = 'expand' to keep them. `doc._.gliner_report` tells how many for each Doc."
    GMW03 = "[GMW03] use_averages has no effect on this component, and costs memory. Set use_averages = false in [training.optimizer], or use 'spacy-gliner-mt.AdamW.v1'."
    GMW04 = "[GMW04] Some annotated spans begin or end inside a word of the model. Their words are masked: nothing is learned from them. Set word_splitter = 'spacy' to have one word for each token. `training_report` of the component tells how many."
    GMW05 = "[GMW05] Some annotated spans are in no window as a whole, or their label is not asked where they are. Their words are masked: nothing is learned from them. `training_report` of the component tells how many."
    GMW06 = "[GMW06] Some annotations are for labels, relations, questions or classes that the settings do not ask for, so nothing is learned from them. `training_report` of the component tells how many."
    GMW07 = "[GMW07] Some queries could not be asked in training: a label or an instruction is too long for the model, or what they need is missing. `training_report` of the component tells how many."
    GMW08 = "[GMW08] mixed_precision has no effect on a CPU. Set it to false, or train on a GPU."
    GMW09 = "[GMW09] Some words of texts are not read in training: on_overflow is 'warn', or a word alone is longer than the model reads at once. `training_report` of the component tells how many."
    GMW10 = "[GMW10] The sampler has a template, but some texts do not say which corpus they are of, and are asked without it. Put its name into `doc.user_data['corpus']`."
    GMW20 = "[GMW20] In {paths}, of {spans} spans {widened} end inside a token of spaCy's and were widened to all of it; {merged} then were the same as others. {headless} relations can be learned from but not found, as their head overlaps another entity. {idle} records have no labels and were left out. Correct the corpus, or use the tokenizer of the pipeline that it was made with."
