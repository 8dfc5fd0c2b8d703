-- A sketch of durations that merges over any window: counts in buckets whose bounds grow by 2 % (DDSketch: Masson,
-- Rim and Lee, 2019). A quantile read from it is within 1 % of the true one, however many sketches were merged.

-- counts[i] durations lie in bucket buckets[i]; buckets ascend.
create type duration_sketch as (buckets smallint[], counts bigint[]);

-- Bucket b holds (1.02^(b-1), 1.02^b] seconds. What is shorter than a millisecond counts as one.
create function duration_bucket(seconds double precision) returns smallint
  language sql immutable parallel safe
  return ceil(ln(greatest(seconds, 0.001)) / ln(1.02::double precision))::smallint;

-- The value whose relative distance to both bounds of a bucket is equal: 0.99 %.
create function bucket_seconds(bucket smallint) returns double precision
  language sql immutable parallel safe
  return 2 * power(1.02::double precision, bucket) / 2.02;

create function sketch_of(seconds double precision[]) returns duration_sketch
  language sql immutable parallel safe
begin atomic
  select row(array_agg(b.bucket order by b.bucket), array_agg(b.count order by b.bucket))::duration_sketch
  from (
    select duration_bucket(s) as bucket, count(*) from unnest(seconds) s where s is not null group by 1
  ) b;
end;

create function merge_sketches(sketches duration_sketch[]) returns duration_sketch
  language sql immutable parallel safe
begin atomic
  select row(array_agg(b.bucket order by b.bucket), array_agg(b.count order by b.bucket))::duration_sketch
  from (
    select u.bucket, sum(u.count)::bigint as count
    from unnest(sketches) s, unnest((s).buckets, (s).counts) u (bucket, count)
    group by u.bucket
  ) b;
end;

-- The duration of rank ceil(quantile × n), within 1 %; null of an empty sketch.
create function sketch_quantile(sketch duration_sketch, quantile double precision) returns double precision
  language sql immutable parallel safe
begin atomic
  select bucket_seconds(c.bucket)
  from (
    select u.bucket, sum(u.count) over (order by u.bucket) as up_to, sum(u.count) over () as total
    from unnest((sketch).buckets, (sketch).counts) u (bucket, count)
  ) c
  where c.up_to >= greatest(ceil(quantile * c.total), 1)
  order by c.bucket
  limit 1;
end;
