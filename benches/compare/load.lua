-- wrk's script: random requests of one operation, and the figures as one line of JSON.
--
--   wrk ... -s load.lua URL -- METHOD PATH BODY VALUES PAUSE
--
-- {v} in path and body is replaced by a random line of the file VALUES, {n} in the body by a number that does not
-- come again. With PAUSE (milliseconds) every connection waits that long on average before a request.

local requests, method, path, body, values, count = {}, "GET", "/", "", {}, 0

local function filled(template, value)
  return (template:gsub("{v}", function() return value end):gsub("{n}", function() return tostring(count) end))
end

function init(args)
  method, path, body = args[1], args[2], args[3]
  math.randomseed(os.time())
  for line in io.lines(args[4]) do values[#values + 1] = line end
  if body == "" then
    for number, value in ipairs(values) do requests[number] = wrk.format(method, filled(path, value)) end
    request = function() return requests[math.random(#requests)] end
  else
    request = function()
      count = count + 1
      local value = values[math.random(#values)]
      return wrk.format(method, filled(path, value), nil, filled(body, value))
    end
  end
  local pause = tonumber(args[5] or 0)
  if pause > 0 then
    -- As far apart as independent callers are.
    delay = function() return math.floor(-pause * math.log(1 - math.random()) + 0.5) end
  end
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '\nFIGURES {"requests":%d,"seconds":%.6f,"p50":%.6f,"p99":%.6f,"failed":%d,"timeouts":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    errors.connect + errors.read + errors.write + errors.status, errors.timeout))
end
